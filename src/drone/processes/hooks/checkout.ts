import type { ProcessSpec } from '../../../protocol/process.ts';
import type { ProcessHook } from './hook.ts';

/** Runs a process in the checkout of its commit, which is made if it does not exist. */
export function checkoutHook(checkout: (spec: ProcessSpec) => Promise<string>): ProcessHook {
  return {
    beforeStart: async (spec, _start, signal) => {
      const cwd = await Promise.race([checkout(spec), aborted(signal)]);
      return { cwd };
    },
  };
}

/** Rejects when nobody waits for the checkout any more, which is finished all the same: others may want it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
