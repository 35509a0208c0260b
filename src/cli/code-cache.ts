import { statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';

/** Node has it from 22.8 on. https://nodejs.org/api/module.html#moduleenablecompilecachecachedir */
const { enableCompileCache } = nodeModule as {
  enableCompileCache?: (directory: string) => unknown;
};

/** Writable by the group or by others. */
const BY_OTHERS = 0o022;

/**
 * Has node keep the code that it compiles, in the user's cache, for the next command; it does without if it cannot write
 * there. Whoever can change what is kept decides what runs, so nothing is kept in a place of somebody else's.
 */
export function keepCompiledCode(env: NodeJS.ProcessEnv): void {
  const directory = cacheOf(env);
  if (enableCompileCache && directory !== null) enableCompileCache(directory);
}

/** Returns the directory of the cache; null if the place that it would be in is not the user's alone. */
export function cacheOf({ XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string | null {
  const place = XDG_CACHE_HOME || HOME;
  if (!place) return null;
  const stats = statSync(place, { throwIfNoEntry: false });
  if (!stats || stats.uid !== process.geteuid?.() || (stats.mode & BY_OTHERS) !== 0) return null;
  return XDG_CACHE_HOME ? join(place, 'fleet') : join(place, '.cache', 'fleet');
}
