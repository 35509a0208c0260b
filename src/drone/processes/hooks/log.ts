import { closeSync } from 'node:fs';
import { messageOf } from '../../../protocol/errors.ts';
import { isRefusedByDisk } from '../../../system/disk-error.ts';
import type { Logs } from '../../logs/logs.ts';
import type { ProcessHook } from './hook.ts';

/**
 * Sends what a process prints to its log, even while no drone runs. If the disk takes nothing, what it prints is lost: that
 * it runs matters more.
 */
export function logHook(logs: Pick<Logs, 'open' | 'endRun' | 'stopped' | 'problem'>): ProcessHook {
  return {
    beforeStart: (spec) => {
      try {
        return { output: logs.open(spec) };
      } catch (error) {
        if (!isRefusedByDisk(error)) throw error;
        logs.problem(messageOf(error));
        return { output: 'ignore' };
      }
    },
    afterStart: ({ output }) => {
      if (output !== 'ignore') closeSync(output);
    },
    // The last line is finished and sent before the exit is reported.
    afterExit: ({ id }) => logs.endRun(id),
    afterStop: ({ id }) => logs.stopped(id),
  };
}
