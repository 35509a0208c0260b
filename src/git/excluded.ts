import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ONLY_LOOK, userEnvironment } from './environment.ts';
import { isBare } from './root.ts';
import { git } from './run.ts';

/**
 * Makes git ignore a file in the root of a checkout, by the list that is never committed. Returns that list; null if git
 * ignores or tracks the file already, or if this is not a checkout. Throws errors of the file system.
 */
export async function exclude(root: string, name: string): Promise<string | null> {
  if (isBare(root)) return null;
  const ask = (...args: string[]) => git(root, [...ONLY_LOOK, ...args], userEnvironment(root));
  let list: string;
  try {
    if ((await ask('ls-files', '--cached', '--others', '--exclude-standard', '--', name)) === '') return null;
    if ((await ask('ls-files', '--', name)) !== '') return null;
    list = resolve(root, await ask('rev-parse', '--git-path', 'info/exclude'));
  } catch {
    return null; // Git does not work here, so nothing is committed either.
  }
  mkdirSync(dirname(list), { recursive: true });
  appendFileSync(list, `${endsALine(list) ? '' : '\n'}/${name}\n`);
  return list;
}

function endsALine(path: string): boolean {
  try {
    return /(^|\n)$/.test(readFileSync(path, 'utf8'));
  } catch {
    return true; // There is no such file yet.
  }
}
