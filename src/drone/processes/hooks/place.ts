import { resolve } from 'node:path';
import { demandFree } from '../../../system/listening.ts';
import type { ProcessHook } from './hook.ts';

/**
 * Starts a process that was spawned by hand in its directory, relative to the checkout, and with its port in `PORT`. Throws
 * EINUSE if somebody else listens on that.
 */
export const placeHook: ProcessHook = {
  beforeStart: async ({ instance, cwd: dir, port, env: given }, { cwd: checkout }) => {
    if (instance) return {};
    if (typeof port === 'number') await demandFree(port);
    const cwd = resolve(checkout, dir ?? '');
    return {
      cwd,
      env: {
        ...(Object.hasOwn(given, 'PWD') ? {} : { PWD: cwd }),
        ...(typeof port === 'number' ? { PORT: String(port) } : {}),
      },
    };
  },
};
