import { byGroup } from './groups.ts';
import type { Json } from './store.ts';

/** Records by key, in the order in which they are in a file. */
export type Records = ReadonlyMap<string, Json>;

/** A field of a file's JSON that holds the records of one kind. */
export interface Section {
  kind: string;
  field: string;
  /** Returns the records in the field; null if no hub wrote that. `read` is undefined if the file has no such field. */
  records(read: unknown): Records | null;
  /** Returns what the field holds; undefined to leave it out. */
  json(records: Records): unknown;
}

type Named = readonly [name: string, value: unknown];

/** A field that holds an object, with the records by their names. */
export function table(kind: string, field: string): Section {
  return {
    ...{ kind, field },
    records: (read) => (isObject(read) ? recordsOf(kind, Object.entries(read)) : null),
    json: (records) =>
      Object.fromEntries([...records].map(([key, value]) => [key.slice(kind.length + 1), value])),
  };
}

/** A field that holds an object, of which each record has a part, by the names in it; see groups.ts. */
export function grouped(kind: string, field: string): Section {
  return {
    ...{ kind, field },
    records(read) {
      if (!isObject(read) || Object.values(read).includes(null)) return null;
      const parts = [...byGroup(kind, Object.entries(read))];
      return new Map(parts.map(([key, part]) => [key, Object.fromEntries(part)]));
    },
    json: (records) => Object.fromEntries([...records.values()].flatMap((part) => Object.entries(part))),
  };
}

/** A field that holds an array of records, which have their names under `nameField`. */
export function list(kind: string, field: string, nameField: string): Section {
  return {
    ...{ kind, field },
    records: (read) => recordsOf(kind, named(read, nameField)),
    json: (records) => [...records.values()],
  };
}

/**
 * A field that holds an array of what has a `time` each, oldest first. A record is all of that with its name under `nameField`,
 * in its order.
 */
export function timeline(kind: string, field: string, nameField: string): Section {
  return {
    ...{ kind, field },
    records: (read) => {
      const names = named(read, nameField);
      const groups = new Map<string, unknown[]>(names?.map(([name]) => [name, []]));
      for (const [name, one] of names ?? []) groups.get(name)?.push(one);
      return names && recordsOf(kind, [...groups]);
    },
    json: (records) => inOrderOfTime([...records.values()] as Timed[][]),
  };
}

/** A field that holds the only record of its kind. */
export function single(kind: string, field: string): Section {
  return {
    ...{ kind, field },
    records: (read) => new Map(read === undefined || read === null ? [] : [[kind, read as Json]]),
    json: (records) => records.get(kind),
  };
}

/** The same section of a file that may lack the field. */
export function optional(section: Section): Section {
  return { ...section, records: (read) => (read === undefined ? new Map() : section.records(read)) };
}

/** Returns true for an object of JSON. */
export function isObject(read: unknown): read is Record<string, unknown> {
  return typeof read === 'object' && read !== null && !Array.isArray(read);
}

function recordsOf(kind: string, names: readonly Named[] | null): Records | null {
  if (!names || names.some(([, value]) => value === null)) return null;
  return new Map(names.map(([name, value]) => [`${kind}.${name}`, value as Json]));
}

/** Returns the elements of an array by their names; null if one has none. */
function named(read: unknown, nameField: string): Named[] | null {
  if (!Array.isArray(read)) return null;
  const names = read.map((one: unknown) => {
    const name = isObject(one) ? one[nameField] : undefined;
    return typeof name === 'string' ? ([name, one] as const) : null;
  });
  return names.every((one) => one !== null) ? names : null;
}

interface Timed {
  time: number;
}

/** Returns all of them in the order of time; those of a group keep theirs, even if the clock was set back between them. */
export function inOrderOfTime<T extends Timed>(groups: readonly (readonly T[])[]): T[] {
  const placed = groups.flatMap((group) => {
    let latest = 0;
    return group.map((one) => {
      latest = Math.max(latest, Number(one.time) || 0);
      return { one, latest };
    });
  });
  return placed.sort((a, b) => a.latest - b.latest).map(({ one }) => one);
}
