import { closeSync } from 'node:fs';
import type { Logs } from '../../logs/logs.ts';
import type { ProcessHook } from './hook.ts';

/** What a process prints goes into its log, also while no drone is there. */
export function logHook(logs: Pick<Logs, 'open' | 'endRun' | 'stopped'>): ProcessHook {
  return {
    beforeStart: (spec) => ({ output: logs.open(spec) }),
    afterStart: ({ output }) => {
      if (output !== 'ignore') closeSync(output);
    },
    // Its last line is finished, and sent, before its end is told.
    afterExit: ({ id }) => logs.endRun(id),
    afterStop: ({ id }) => logs.stopped(id),
  };
}
