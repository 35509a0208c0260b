import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { ownGroup } from './own-group.ts';

const GROUP = 0o020;
const OTHERS = 0o002;
/** In such a directory only its owner, and that of a file, replaces the file. */
const STICKY = 0o1000;
/** Groups of the system have lower numbers (login.defs(5)), and administrators as members. */
const FIRST_OF_USERS = 1_000;

/**
 * Checks that nobody else can write to a hub's, drone's or proxy's directory, and its `folders` as far as they exist, nor
 * put another one in its place: whoever can replaces what runs. sshd(8) is as strict, but many systems give each user a
 * group of its own and let that write, so a group that nobody else is in may. Throws ECONFIG, with the chmod to run.
 */
export function demandPrivate(dir: string, folders: readonly string[]): void {
  if (process.getgid === undefined) return;
  const own = ownGroup();
  const there = folders.filter((folder) => existsSync(join(dir, folder)));
  const open = [dir, ...there.map((folder) => join(dir, folder))].flatMap((path) => {
    const stats = statSync(path);
    const who = writersOf(stats, own) || (hasMore(path, stats) ? 'g' : '');
    return who === '' ? [] : [{ path, who }];
  });
  const [first] = open;
  if (first) {
    const who = open.some((one) => one.who === 'go') ? 'go' : first.who;
    const all = open.map(({ path }) => path).join(' ');
    throw refusal(`other users can write to ${first.path}, and so decide what runs`, who, all);
  }
  demandPlace(realpathSync(dir), own);
}

function demandPlace(dir: string, own: number | null): void {
  for (let path = dirname(dir), below = dir; path !== below; [path, below] = [dirname(path), path]) {
    const who = replacersOf(statSync(path), own);
    if (who !== '') throw refusal(`other users can write to ${path}, and so replace ${below}`, who, path);
  }
}

const refusal = (why: string, who: string, paths: string) =>
  new FleetError('ECONFIG', `${why}: chmod ${who}-w ${paths}`);

/**
 * Returns who else can write there, as chmod(1) wants it: `g` for a group that is not `own`, `o` for everybody, or both. A
 * null `own` is no group.
 */
export function writersOf({ mode, gid }: Pick<Stats, 'mode' | 'gid'>, own: number | null): string {
  return `${(mode & GROUP) !== 0 && gid !== own ? 'g' : ''}${(mode & OTHERS) !== 0 ? 'o' : ''}`;
}

/** Returns who else can replace what is in a directory, in the same way. */
export function replacersOf(stats: Pick<Stats, 'mode' | 'gid'>, own: number | null): string {
  if ((stats.mode & STICKY) !== 0) return '';
  return writersOf(stats, stats.gid < FIRST_OF_USERS ? stats.gid : own);
}

/**
 * Returns true if an access control list lets more users write, of which the mode of the group is the upper bound: acl(5).
 * Node cannot read one, but ls(1) has a sign for it.
 */
function hasMore(path: string, { mode }: Stats): boolean {
  if ((mode & GROUP) === 0) return false;
  const { stdout } = spawnSync('ls', ['-ld', '--', path], { encoding: 'latin1' });
  return stdout?.[MODE_LENGTH] === '+';
}

/** `drwxr-xr-x` */
const MODE_LENGTH = 10;
