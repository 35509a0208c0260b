import type { Drone } from '../drone/options.ts';
import { DEFAULT_GRACE_MS } from '../protocol/limits.ts';
import { note, type Output, type OwnProcess } from './io.ts';

/** Resolves when a signal has ended the drone: SIGTERM and SIGHUP by `end`, Ctrl-C with its processes. */
export function endOnSignal(
  drone: Pick<Drone, 'running' | 'stopAll'>,
  end: () => Promise<void>,
  io: Output & OwnProcess,
  signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let interrupted = false;
    for (const signal of signals) {
      io.onSignal(signal, () => end().then(resolve, reject));
    }
    io.onSignal('SIGINT', () => {
      if (interrupted) return io.dieOf('SIGINT');
      interrupted = true;
      const { running } = drone;
      if (running > 0) note(io, interruptText(running));
      drone.stopAll(DEFAULT_GRACE_MS).then(resolve, reject);
    });
  });
}

/** Returns what is printed on Ctrl-C. */
export function interruptText(running: number): string {
  const [what, them] = running === 1 ? ['1 process', 'it'] : [`${running} processes`, 'them'];
  return `stopping ${what}; press Ctrl-C again to leave ${them} running`;
}
