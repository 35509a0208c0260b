import { createHash } from 'node:crypto';

// What is small and many, as drones are, is kept in a few records, each of which has a part of all in a table by their names. When
// thousands change at the same time, or are read, that is as many messages as there are records, and not thousands.

/** With 10,000 drones, a record has about 160 of them: some 50 kB, of the megabyte that a message of an engine may have. */
const GROUPS = 64;

/** Returns the key of the record that has what is called so, of so many. */
export function groupKey(kind: string, name: string, groups = GROUPS): string {
  return `${kind}.${createHash('sha256').update(name).digest().readUInt8() % groups}`;
}

/** Returns what is called something, by the keys of the records that have it. */
export function byGroup<T>(
  kind: string,
  named: Iterable<readonly [name: string, value: T]>,
): Map<string, (readonly [name: string, value: T])[]> {
  const groups = new Map<string, (readonly [name: string, value: T])[]>();
  for (const one of named) {
    const key = groupKey(kind, one[0]);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
