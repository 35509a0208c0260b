import { existsSync, renameSync } from 'node:fs';
import { FleetError, messageOf } from '../protocol/errors.ts';

/**
 * Renames a damaged file to `PATH.broken`, or `.broken-1` and so on if that exists. Returns the new name. Throws EIO.
 */
export function putAside(path: string): string {
  for (let n = 0; ; n++) {
    const aside = `${path}.broken${n === 0 ? '' : `-${n}`}`;
    if (existsSync(aside)) continue;
    try {
      renameSync(path, aside);
      return aside;
    } catch (cause) {
      throw new FleetError('EIO', `cannot rename ${path}: ${messageOf(cause)}`, { cause });
    }
  }
}
