import { join } from 'node:path';
import { readJson } from '../../system/json-file.ts';
import { writeWhole } from '../../system/write-whole.ts';
import { isObject } from '../store/section.ts';

/** The file in a repository that says what of its record was done here. */
const FILE = 'fleet-shared';

/** What a hub has done of a repository's record. */
export interface Marker {
  /** The id of the record. */
  id: string;
  /** How many commits were forgotten. */
  forgotten: number;
}

/** Returns null for a repository that this hub had before there were others, or that is new. */
export function readMarker(repository: string): Marker | null {
  try {
    const read = readJson(join(repository, FILE));
    if (!isObject(read) || typeof read['id'] !== 'string' || typeof read['forgotten'] !== 'number')
      return null;
    return { id: read['id'], forgotten: read['forgotten'] };
  } catch {
    return null;
  }
}

/** Throws EIO. */
export function writeMarker(repository: string, { id, forgotten }: Marker): void {
  writeWhole(join(repository, FILE), `${JSON.stringify({ id, forgotten })}\n`);
}
