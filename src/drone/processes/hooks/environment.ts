import { processEnvironment } from '../environment.ts';
import type { ProcessHook } from './hook.ts';

export interface EnvironmentOptions {
  /** The drone's name when a process starts. */
  name(): string;
  /** See `markOf`. */
  mark: string;
}

/**
 * Gives a process the drone's environment without fleet's variables, its own variables, and those that say where it
 * runs.
 */
export function environmentHook({ name, mark }: EnvironmentOptions): ProcessHook {
  return {
    beforeStart: (spec, { cwd }) => ({ env: processEnvironment(spec, { drone: name(), mark, cwd }) }),
  };
}
