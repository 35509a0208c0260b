import { existsSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';

/**
 * Checks that nobody else can write to a hub's or drone's directory, and its `folders` as far as they exist: whoever can
 * replaces what runs. sshd(8) is as strict, but many systems give each user a group of its own and let that write, so the
 * user's own group may. Throws ECONFIG, with the chmod to run.
 */
export function demandPrivate(dir: string, folders: readonly string[]): void {
  const own = process.getgid?.();
  if (own === undefined) return;
  const there = folders.filter((folder) => existsSync(join(dir, folder)));
  const open = [dir, ...there.map((folder) => join(dir, folder))].flatMap((path) => {
    const who = writersOf(statSync(path), own);
    return who === '' ? [] : [{ path, who }];
  });
  const [first] = open;
  if (!first) return;
  const who = open.some((one) => one.who === 'go') ? 'go' : first.who;
  throw new FleetError(
    'ECONFIG',
    `other users can write to ${first.path}, and so decide what runs: chmod ${who}-w ${open.map(({ path }) => path).join(' ')}`,
  );
}

/** Returns who else can write there, as chmod(1) wants it: `g` for a group that is not `own`, `o` for everybody, or both. */
export function writersOf({ mode, gid }: Pick<Stats, 'mode' | 'gid'>, own: number): string {
  const group = (mode & 0o020) !== 0 && gid !== own ? 'g' : '';
  return `${group}${(mode & 0o002) !== 0 ? 'o' : ''}`;
}
