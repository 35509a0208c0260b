import type { ProcessHook } from './hook.ts';

/** A process runs in the checkout of its commit, which is made if it is not there. */
export function checkoutHook(checkout: (repo: string, commit: string) => Promise<string>): ProcessHook {
  return {
    beforeStart: async ({ repo, commit }, _start, signal) => {
      const cwd = await Promise.race([checkout(repo, commit), aborted(signal)]);
      return { cwd };
    },
  };
}

/** A checkout that nobody waits for any more is finished all the same: others may want it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
