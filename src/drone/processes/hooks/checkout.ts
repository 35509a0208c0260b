import type { ProcessHook } from './hook.ts';

/** Runs a process in the checkout of its commit, which is made if it does not exist. */
export function checkoutHook(checkout: (repo: string, commit: string) => Promise<string>): ProcessHook {
  return {
    beforeStart: async ({ repo, commit }, _start, signal) => {
      const cwd = await Promise.race([checkout(repo, commit), aborted(signal)]);
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
