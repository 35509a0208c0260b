import { dirname } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { fleetEnvironment } from './environment.ts';
import { gitWithLimits } from './run-limited.ts';

/** What a commit says of itself. */
export interface Committed {
  /** The first line of its message; empty if it has none of the files. */
  subject: string;
  /** The texts of the files that were asked for, by path, as far as it has them. */
  files: ReadonlyMap<string, string>;
}

/** A larger file is not one that people wrote, and the hub would hold it in memory. */
const MAX_FILE_BYTES = 1024 ** 2;
const MAX_SUBJECT_COLUMNS = 1_000;

/**
 * Reads files of a commit, which must be plain text, out of a bare repository. Rejects with git's own words, and with
 * ECONFIG if a file is too large.
 */
export async function readCommitted(
  repository: string,
  commit: string,
  paths: readonly string[],
): Promise<Committed> {
  const ask = (...args: string[]) =>
    gitWithLimits(repository, ['--git-dir', repository, ...args], fleetEnvironment(dirname(repository)));
  const tree = await ask('ls-tree', '-l', '-z', commit, '--', ...paths);
  const entries = [...tree.matchAll(/(?:^|\0)100\d+ blob \w+ +(\d+)\t([^\0]+)/g)];
  const large = entries.find(([, size]) => Number(size) > MAX_FILE_BYTES)?.[2];
  if (large !== undefined)
    throw new FleetError(
      'ECONFIG',
      `${large} of ${commit.slice(0, 7)} is larger than ${MAX_FILE_BYTES} bytes`,
    );
  const found = entries.map(([, , path = '']) => path);
  const format = `--format=%H%n%<(${MAX_SUBJECT_COLUMNS},trunc)%s`;
  const shown = await Promise.all(
    found.map(async (path) => {
      // The first line keeps blank lines after it from being trimmed.
      const [, subject = '', ...lines] = (await ask('show', '-s', format, commit, `${commit}:${path}`)).split(
        '\n',
      );
      return { subject: subject.trimEnd(), file: [path, lines.join('\n')] as const };
    }),
  );
  return { subject: shown[0]?.subject ?? '', files: new Map(shown.map(({ file }) => file)) };
}
