import { FleetError } from '../protocol/errors.ts';
import type { Arguments } from './arguments.ts';

/**
 * Returns the name that `fleet COMMAND rm` was given, of a `what`; undefined for the list, which takes none. Throws EUSAGE.
 */
export function nameToRemove(
  { verb, words }: Pick<Arguments, 'verb' | 'words'>,
  command: string,
  what: string,
): string | undefined {
  if (verb === 'rm') {
    if (words.length === 1) return words[0];
    throw new FleetError('EUSAGE', `say which ${what}: fleet ${command} rm NAME`);
  }
  if (words.length === 0) return undefined;
  throw new FleetError('EUSAGE', `fleet ${command} takes no argument '${words[0]}'`);
}
