import { type MachineUse, machineUse } from '../system/machine.ts';
import type { Uplink } from './uplink.ts';

/** Between two reports. */
const REPORT_EVERY_MS = 15_000;

/** Tells the hub how busy this machine is: when the drone has joined, and from then on as long as it is connected. */
export function reportMachine(
  uplink: Pick<Uplink, 'on' | 'inform' | 'peer'>,
  dir: string,
  measure: (dir: string) => MachineUse = machineUse,
): void {
  uplink.on('up', () => {
    const report = () => uplink.inform('machine', measure(dir));
    const timer = setInterval(report, REPORT_EVERY_MS).unref();
    void uplink.peer?.closed.then(() => clearInterval(timer));
    report();
  });
}
