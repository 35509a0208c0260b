import type { ProcessSpec } from '../../protocol/process.ts';
import type { Logs } from '../logs/logs.ts';
import { checkoutHook } from './hooks/checkout.ts';
import { type EnvironmentOptions, environmentHook } from './hooks/environment.ts';
import type { ProcessHook } from './hooks/hook.ts';
import { instanceHook } from './hooks/instance.ts';
import { logHook } from './hooks/log.ts';
import { placeHook } from './hooks/place.ts';
import type { Starts } from './hooks/starts.ts';

export interface HookParts extends EnvironmentOptions {
  /** Returns the directory that a process starts in. */
  checkout(spec: ProcessSpec): Promise<string>;
  /** Returns the folder of an app's shared files. */
  shared(app: string): string;
  logs: Logs;
  starts: Starts;
}

/** Returns the hooks around every start, in this order: each sees what those before it have added. */
export function processHooks(parts: HookParts): ProcessHook[] {
  return [
    checkoutHook(parts.checkout),
    environmentHook(parts),
    placeHook,
    instanceHook(parts.shared),
    parts.starts.hook,
    logHook(parts.logs),
  ];
}
