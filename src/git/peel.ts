import { dirname } from 'node:path';
import { fleetEnvironment } from './environment.ts';
import { git } from './run.ts';

/** Returns the commit that a tag points to, directly or through other tags; null if it points to something else. */
export function peel(repository: string, object: string): Promise<string | null> {
  const args = ['--git-dir', repository, 'rev-parse', '--verify', `${object}^{commit}`];
  return git(repository, args, fleetEnvironment(dirname(repository))).catch(() => null);
}
