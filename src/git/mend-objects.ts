import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { emptyFiles } from './damage.ts';
import { fleetEnvironment } from './environment.ts';
import { gitWithLimits } from './run-limited.ts';

/** How many commits that are known to be intact are excluded from the next check: as many as fit on a command line. */
const MAX_KNOWN = 500;

/** Refs of a large repository, or what is wrong with one that is damaged. */
const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;

/**
 * Removes unreadable objects from a repository. Returns the number of files. Throws EIO, EGIT, and ELIMIT if it cannot be
 * checked with so much memory: then nothing is removed.
 */
export async function removeBrokenObjects(repository: string, memoryBytes: number): Promise<number> {
  const remove = (file: string) => rmSync(join(repository, file), { force: true });
  const empty = await emptyFiles(repository);
  empty.forEach(remove);
  const check = ['fsck', '--full', '--no-dangling', '--no-reflogs', '--no-progress'];
  const said = await ask(repository, check, memoryBytes).catch(wordsOf);
  const { loose, packs } = brokenObjects(said);
  loose.forEach(remove);
  const there = packs.map((file) => join(repository, file)).filter((path) => existsSync(path));
  // An expert may still recover objects from a damaged pack.
  for (const path of there) renameSync(path, `${path}.damaged`);
  return empty.length + loose.length + there.length;
}

/** Removes refs whose history is incomplete. Returns their number. Throws EGIT, and ELIMIT as above. */
export async function removeBrokenRefs(repository: string, memoryBytes: number): Promise<number> {
  const known: string[] = [];
  let lost = 0;
  const listed = await ask(repository, ['for-each-ref', '--format=%(objectname) %(refname)'], memoryBytes);
  for (const line of listed.split('\n').filter(Boolean)) {
    const [hash = '', ref = ''] = line.split(' ');
    const walk = ['rev-list', '--objects', '--quiet', hash, '--not', ...known.slice(-MAX_KNOWN)];
    try {
      await ask(repository, walk, memoryBytes);
      known.push(hash);
    } catch (error) {
      wordsOf(error);
      await ask(repository, ['update-ref', '-d', ref, hash], memoryBytes);
      lost++;
    }
  }
  return lost;
}

/** Returns the paths, in the repository, of objects that `git fsck` could not read. */
export function brokenObjects(said: string): { loose: string[]; packs: string[] } {
  const loose = said.matchAll(/corrupt or missing: .*?(objects\/[0-9a-f]{2}\/[0-9a-f]{38})$/gm);
  const packs = said.matchAll(/^error: .*?(objects\/pack\/pack-[0-9a-f]+)\.(?:pack|idx|rev)/gm);
  const names = new Set([...packs].map(([, name = '']) => name));
  return {
    loose: [...loose].map(([, file = '']) => file),
    packs: [...names].flatMap((name) => ['pack', 'idx', 'rev'].map((end) => `${name}.${end}`)),
  };
}

/** Returns what a git said that has found damage. Throws the error of one that was ended before it could tell. */
function wordsOf(error: unknown): string {
  if (error instanceof FleetError) throw error;
  return (error as Error).message;
}

function ask(repository: string, args: string[], memoryBytes: number): Promise<string> {
  const most = { memoryBytes, outputBytes: MAX_OUTPUT_BYTES };
  return gitWithLimits(
    repository,
    ['--git-dir', repository, ...args],
    fleetEnvironment(dirname(repository)),
    most,
  );
}
