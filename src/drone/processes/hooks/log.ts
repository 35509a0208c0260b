import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError, messageOf } from '../../../protocol/errors.ts';
import { isRefusedByDisk } from '../../../system/disk-error.ts';
import type { Logs } from '../../logs/logs.ts';
import { startPump } from '../../logs/pump.ts';
import type { ProcessHook, Start } from './hook.ts';

/** How long the end of a process waits for its output, which a child that it left behind may hold open. */
const OUTPUT_WAIT_MS = 300;

type Keeper = Pick<Logs, 'open' | 'endRun' | 'stopped' | 'problem' | 'spare'>;

/**
 * Sends what a process prints to its log, even while no drone runs. If the disk takes nothing, what it prints is lost: that
 * it runs matters more.
 */
export function logHook(logs: Keeper): ProcessHook {
  return {
    beforeStart: async (spec) => {
      try {
        return await throughPipe(() => logs.open(spec), logs);
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

/** Returns the way to a log; if there can be no pipe, the process writes to the file itself. Throws EIO. */
async function throughPipe(openLog: () => number, logs: Keeper): Promise<Partial<Start>> {
  try {
    const { input, ended } = await startPump(openLog, logs.spare);
    return {
      output: input,
      taken: () => Promise.race([ended, sleep(OUTPUT_WAIT_MS, undefined, { ref: false })]),
    };
  } catch (error) {
    if (error instanceof FleetError) throw error;
    logs.problem(
      `no pipe to the log (${messageOf(error)}): a process that opens /dev/stderr empties its log`,
    );
    return { output: openLog() };
  }
}
