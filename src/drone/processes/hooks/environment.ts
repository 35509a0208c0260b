import { processEnvironment } from '../environment.ts';
import type { ProcessHook } from './hook.ts';

export interface EnvironmentOptions {
  /** The drone's name when a process starts. */
  name(): string;
  /** See `markOf`. */
  mark: string;
}

/** A process gets the drone's environment without what is fleet's, its own variables, and where it is. */
export function environmentHook({ name, mark }: EnvironmentOptions): ProcessHook {
  return {
    beforeStart: (spec, { cwd }) => ({ env: processEnvironment(spec, { drone: name(), mark, cwd }) }),
  };
}
