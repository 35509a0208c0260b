import { freemem, loadavg, totalmem } from 'node:os';
import { spaceOf } from './free-space.ts';

/** How much of something there is, and how much of it is in use, in bytes. */
export interface Room {
  used: number;
  total: number;
}

/** How busy a machine is. */
export interface MachineUse {
  /** Processes that ran or waited for a processor, on average over the last minute; 0 on Windows. See getloadavg(3). */
  load: number;
  /** What is in use is what no process could get. */
  memory: Room;
  /** The file system of a directory; null if that is not known. */
  disk: Room | null;
}

/** Returns how busy this machine is, with the file system of `dir`. */
export function machineUse(dir: string): MachineUse {
  const [load = 0] = loadavg();
  const [total, space] = [totalmem(), spaceOf(dir)];
  return {
    load: Math.round(load * 100) / 100,
    memory: { used: Math.max(0, total - freemem()), total },
    disk: space && { used: Math.max(0, space.total - space.free), total: space.total },
  };
}
