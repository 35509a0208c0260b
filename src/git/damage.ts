import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { findPathsBelow } from '../system/tree.ts';

/** Errors of git about damage in its own repository. Errors of the other end's git begin with `remote: `. */
const WORDS = new RegExp(
  [
    '(not|not appear to be) a git repository',
    'bad config line',
    'unknown error occurred while reading the configuration files',
    'bad (numeric|boolean) config value',
    'un(expected|terminated) line in .*packed-refs',
    'bad object',
    'is corrupt$',
    'object file .* is empty',
    'Could not (read|parse) ',
    'unable to (read (sha1|tree|object|[0-9a-f]{40})|parse (object|commit)|unpack|mmap)',
    'cannot read object',
    'inflate: ',
    'did not send all necessary objects',
    'unresolved deltas',
    '(too (short|small)|wrong|not match|not a GIT|bad) .*(pack|index)',
    '(pack|index).* (too (short|small)|not match|not a GIT|bad)',
    'reference broken',
    'Not a valid object',
    'not a tree object',
    'possible repository corruption',
  ].join('|'),
);

/** Returns the line in which git reports damage in its own repository; null if there is none. */
export function damageIn(said: string): string | null {
  const lines = said.split('\n').filter((line) => /^(error|fatal): /.test(line));
  // A lost connection or a full disk also leaves half a pack.
  if (lines.some((line) => /early EOF|hung up|disconnect|No space left|quota/.test(line))) return null;
  return lines.find((line) => WORDS.test(line)) ?? null;
}

/** Returns the paths of files in a repository that are empty, as after a power cut, and never should be. */
export async function emptyFiles(repository: string): Promise<string[]> {
  const within = async (folder: string) => {
    const paths = await findPathsBelow(join(repository, folder)).catch(() => []);
    return paths.map((path) => relative(repository, path));
  };
  const files = ['HEAD', 'config', 'packed-refs', ...(await within('refs')), ...(await within('objects'))];
  const isEmpty = await Promise.all(files.map((file) => hasNothing(join(repository, file))));
  return files.filter((file, at) => isEmpty[at] && !file.startsWith('objects/info'));
}

async function hasNothing(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && found.size === 0;
}
