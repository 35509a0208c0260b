import { closeSync } from 'node:fs';
import type { Logs } from '../../logs/logs.ts';
import type { ProcessHook } from './hook.ts';

/** Sends what a process prints to its log, even while no drone runs. */
export function logHook(logs: Pick<Logs, 'open' | 'endRun' | 'stopped'>): ProcessHook {
  return {
    beforeStart: (spec) => ({ output: logs.open(spec) }),
    afterStart: ({ output }) => {
      if (output !== 'ignore') closeSync(output);
    },
    // The last line is finished and sent before the exit is reported.
    afterExit: ({ id }) => logs.endRun(id),
    afterStop: ({ id }) => logs.stopped(id),
  };
}
