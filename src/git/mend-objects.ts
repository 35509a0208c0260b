import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptyFiles } from './damage.ts';
import { fleetEnvironment } from './environment.ts';
import { git } from './run.ts';

/** Commits that are known to be whole, and left out when the next is looked at: as many as fit on a command line. */
const MAX_KNOWN = 500;

/** Takes out of a repository the objects that cannot be read. Returns how many files that were. EIO, EGIT. */
export async function removeBrokenObjects(repository: string): Promise<number> {
  const remove = (file: string) => rmSync(join(repository, file), { force: true });
  const empty = await emptyFiles(repository);
  empty.forEach(remove);
  const check = ['fsck', '--full', '--no-dangling', '--no-reflogs', '--no-progress'];
  const said = await ask(repository, check).catch((error: unknown) => (error as Error).message);
  const { loose, packs } = brokenObjects(said);
  loose.forEach(remove);
  const there = packs.map((file) => join(repository, file)).filter((path) => existsSync(path));
  // What can still be read in a pack is left to somebody who knows how.
  for (const path of there) renameSync(path, `${path}.damaged`);
  return empty.length + loose.length + there.length;
}

/** Takes out the refs that are not whole, with all of their history. Returns how many. EGIT. */
export async function removeBrokenRefs(repository: string): Promise<number> {
  const known: string[] = [];
  let lost = 0;
  const listed = await ask(repository, ['for-each-ref', '--format=%(objectname) %(refname)']);
  for (const line of listed.split('\n').filter(Boolean)) {
    const [hash = '', ref = ''] = line.split(' ');
    const walk = ['rev-list', '--objects', '--quiet', hash, '--not', ...known.slice(-MAX_KNOWN)];
    try {
      await ask(repository, walk);
      known.push(hash);
    } catch {
      await ask(repository, ['update-ref', '-d', ref, hash]);
      lost++;
    }
  }
  return lost;
}

/** The files of objects that `git fsck` could not read, by their paths in the repository. */
export function brokenObjects(said: string): { loose: string[]; packs: string[] } {
  const loose = said.matchAll(/corrupt or missing: .*?(objects\/[0-9a-f]{2}\/[0-9a-f]{38})$/gm);
  const packs = said.matchAll(/^error: .*?(objects\/pack\/pack-[0-9a-f]+)\.(?:pack|idx|rev)/gm);
  const names = new Set([...packs].map(([, name = '']) => name));
  return {
    loose: [...loose].map(([, file = '']) => file),
    packs: [...names].flatMap((name) => ['pack', 'idx', 'rev'].map((end) => `${name}.${end}`)),
  };
}

function ask(repository: string, args: string[]): Promise<string> {
  return git(repository, ['--git-dir', repository, ...args], fleetEnvironment(dirname(repository)));
}
