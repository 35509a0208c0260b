import { join } from 'node:path';
import type { HubTarget } from '../../src/protocol/address.ts';
import { SimulatedDrone } from './simulated-drone.ts';

/** What the swarm tells a host of drones. */
type Word =
  | { say: 'grow'; target: HubTarget; names: string[]; dir: string | null; processes: number }
  | { say: 'print'; linesPerSecond: number; seconds: number };

/** How many fetches and checkouts the drones of one host run at once, because they share this machine. */
const GIT_AT_ONCE = 4;
/** Milliseconds between the starts of two drones: they join one by one, like machines that boot. */
const APART = 2;
/** How often a drone sends its output. */
const BATCHES_PER_SECOND = 2;

const drones: SimulatedDrone[] = [];
const waiting: (() => void)[] = [];
let atWork = 0;

/** Runs work once fewer than {@link GIT_AT_ONCE} others run. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (atWork >= GIT_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  atWork++;
  try {
    return await work();
  } finally {
    atWork--;
    waiting.shift()?.();
  }
}

function grow({ target, names, dir, processes }: Extract<Word, { say: 'grow' }>): void {
  names.forEach((name, at) => {
    const drone = new SimulatedDrone({
      ...{ target, name, dir: dir && join(dir, name), processes, inTurn },
      caughtUp: () => process.send?.({ caughtUp: name }),
    });
    drones.push(drone);
    drone.uplink.on('up', () => {
      process.send?.({ up: name, hub: drone.uplink.target.hub, at: Date.now() });
    });
    setTimeout(
      () => drone.uplink.run().catch((error: unknown) => process.send?.({ failed: String(error) })),
      at * APART,
    );
  });
}

/** Makes all drones print for a while; reports at the end how many lines were sent. */
function print({ linesPerSecond, seconds }: Extract<Word, { say: 'print' }>): void {
  const lines = Math.max(1, Math.round(linesPerSecond / BATCHES_PER_SECOND));
  let printed = 0;
  drones.forEach((drone, at) => {
    const every = 1000 / BATCHES_PER_SECOND;
    setTimeout(
      () => {
        const timer = setInterval(() => {
          printed += drone.print(lines);
        }, every);
        setTimeout(() => clearInterval(timer), seconds * 1000);
      },
      (at / drones.length) * every,
    );
  });
  setTimeout(() => process.send?.({ printed }), (seconds + 1) * 1000);
}

process.on('message', (word: Word) => {
  if (word.say === 'grow') grow(word);
  else print(word);
});
process.on('disconnect', () => process.exit());
