import { dirname } from 'node:path';
import { fleetEnvironment } from './environment.ts';
import { git } from './run.ts';

/** What a commit says of itself. */
export interface Committed {
  /** The first line of its message. */
  subject: string;
  /** The texts of the files that were asked for, by path, as far as it has them. */
  files: ReadonlyMap<string, string>;
}

/** Reads files of a commit, which must be plain text, out of a bare repository. Rejects with git's own words. */
export async function readCommitted(
  repository: string,
  commit: string,
  paths: readonly string[],
): Promise<Committed> {
  const ask = (...args: string[]) =>
    git(repository, ['--git-dir', repository, ...args], fleetEnvironment(dirname(repository)));
  const [subject, tree] = await Promise.all([
    ask('show', '-s', '--format=%s', commit),
    ask('ls-tree', '-z', commit, '--', ...paths),
  ]);
  const found = [...tree.matchAll(/(?:^|\0)100\d+ blob \w+\t([^\0]+)/g)].map(([, path = '']) => path);
  const texts = await Promise.all(
    found.map(async (path) => {
      // The first line keeps blank lines after it from being trimmed.
      const text = await ask('show', '-s', '--format=%H', commit, `${commit}:${path}`);
      return [path, text.slice(text.indexOf('\n') + 1)] as const;
    }),
  );
  return { subject, files: new Map(texts) };
}
