import { readFileSync } from 'node:fs';
import { FleetError, messageOf } from '../protocol/errors.ts';

/** Returns the secret in a file, without the newline at its end; undefined if no file is named. Throws ECONFIG. */
export function readSecret(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read the secret from ${path}: ${messageOf(cause)}`, { cause });
  }
  if (secret !== '') return secret;
  throw new FleetError('ECONFIG', `there is no secret in ${path}: the file is empty`);
}
