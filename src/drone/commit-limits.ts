import type { CommitSize } from '../git/commit-size.ts';
import { FleetError } from '../protocol/errors.ts';
import { sizeText } from '../system/size-text.ts';

/** What a commit may have that a drone checks out, if nothing else is said. */
export const DEFAULT_COMMIT_LIMITS: CommitSize = { files: 100_000, bytes: 10 * 1024 ** 3 };

/** Throws ELIMIT if a commit has more of something than a drone checks out. */
export function demandSmall(size: CommitSize, most: CommitSize, drone: string): void {
  const { files, bytes } = size;
  const more = (what: string, option: string) =>
    new FleetError(
      'ELIMIT',
      `checkout: the commit has more than ${what}; fleet drone --${option} on ${drone} allows more`,
    );
  if (files > most.files)
    throw more(`${most.files.toLocaleString('en-US')} files and directories`, 'max-files');
  if (bytes > most.bytes) throw more(`${sizeText(most.bytes)} of files`, 'max-checkout');
}
