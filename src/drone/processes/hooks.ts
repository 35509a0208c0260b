import type { Logs } from '../logs/logs.ts';
import { checkoutHook } from './hooks/checkout.ts';
import { type EnvironmentOptions, environmentHook } from './hooks/environment.ts';
import type { ProcessHook } from './hooks/hook.ts';
import { logHook } from './hooks/log.ts';

export interface HookParts extends EnvironmentOptions {
  /** Returns the directory of a commit. */
  checkout(repo: string, commit: string): Promise<string>;
  logs: Logs;
}

/** Returns the hooks around every start, in this order: each sees what those before it have added. */
export function processHooks(parts: HookParts): ProcessHook[] {
  return [checkoutHook(parts.checkout), environmentHook(parts), logHook(parts.logs)];
}
