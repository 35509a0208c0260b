import { readFileSync, statSync } from 'node:fs';
import { FleetError } from '../protocol/errors.ts';

/**
 * Returns the text of a regular file, or of one that a link leads to. Throws ECONFIG for anything else: a FIFO would block
 * its reader, and a device may never end. Throws errors of the file system, as ENOENT.
 */
export function readRegular(path: string): string {
  if (!statSync(path).isFile())
    throw new FleetError('ECONFIG', `${path} is broken: it is not a file; move it away`);
  return readFileSync(path, 'utf8');
}
