import { dirname } from 'node:path';
import { fleetEnvironment } from './environment.ts';
import { git } from './run.ts';

/** The commit that a tag stands for, however many tags lie between; null if it stands for something else. */
export function peel(repository: string, object: string): Promise<string | null> {
  const args = ['--git-dir', repository, 'rev-parse', '--verify', `${object}^{commit}`];
  return git(repository, args, fleetEnvironment(dirname(repository))).catch(() => null);
}
