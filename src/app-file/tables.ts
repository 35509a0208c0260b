import { closest } from '../system/closest.ts';
import { isTable, type JsonSchema, type Kind } from './kinds.ts';
import type { Place } from './place.ts';

/** A key of a table. */
export interface Key<T> {
  readonly kind: Kind<T>;
  /** A line for the manual page and the schema. */
  readonly help: string;
}

/** A key that has a value, as written in TOML, if it is left out. */
export interface Preset<T> extends Key<T> {
  readonly preset: unknown;
}

export const key = <T>(kind: Kind<T>, help: string): Key<T> => ({ kind, help });

/** `value` is as written in TOML. */
export const preset = <T>(kind: Kind<T>, value: unknown, help: string): Preset<T> => ({
  kind,
  help,
  preset: value,
});

// biome-ignore lint/suspicious/noExplicitAny: each key has a type of its own
export type Keys = { readonly [name: string]: Key<any> };

/** What a table says. */
export type Given<K extends Keys> = { [N in keyof K]?: (K[N] extends Key<infer T> ? T : never) | undefined };

/** The same with presets; null for what has none. */
export type Filled<K extends Keys> = {
  [N in keyof K]: K[N] extends Preset<infer T> ? T : K[N] extends Key<infer T> ? T | null : never;
};

export interface TableKind<K extends Keys> extends Kind<Given<K>> {
  readonly keys: K;
}

/** `elsewhere` returns the path of a key that was probably meant, if it belongs to another table. */
export function table<K extends Keys>(
  keys: K,
  elsewhere: (name: string, value: unknown) => string | undefined = () => undefined,
): TableKind<K> {
  const names = Object.keys(keys);
  return {
    keys,
    what: 'a table',
    schema: { type: 'object', additionalProperties: false, properties: propertiesOf(keys) },
    read(value, place) {
      if (!isTable(value)) throw place.mustBe(`a table with ${names.join(', ')}`, value);
      const read = Object.entries(value).map(([name, one]) => {
        const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
        if (key) return [name, key.kind.read(one, place.key(name))];
        const meant = elsewhere(name, one) ?? closest(name, names);
        throw place
          .key(name)
          .error(`is not a key; ${meant ? `did you mean ${meant}?` : `there are ${names.join(', ')}`}`);
      });
      return Object.fromEntries(read);
    },
  };
}

function propertiesOf(keys: Keys): JsonSchema {
  const described = (key: Key<unknown> & { preset?: unknown }) => ({
    description: key.help.replaceAll('`', ''),
    ...key.kind.schema,
    ...(key.preset === undefined ? {} : { default: key.preset }),
  });
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, described(key)]));
}

const MAX_NAMES = 500;

/** A table whose keys are names of the app's own. */
export function named<T>(what: string, pattern: RegExp, kind: Kind<T>): Kind<Record<string, T>> {
  return {
    what: 'a table',
    schema: {
      type: 'object',
      additionalProperties: false,
      patternProperties: { [pattern.source]: kind.schema },
    },
    read(value, place) {
      if (!isTable(value)) throw place.mustBe('a table', value);
      const { length } = Object.keys(value);
      if (length > MAX_NAMES) throw place.error(`has ${length} names; ${MAX_NAMES} are the most`);
      const read = Object.entries(value).map(([name, one]) => {
        const own = place.key(name);
        if (!pattern.test(name)) throw own.error(`has no valid name: ${what}`);
        return [name, kind.read(one, own)];
      });
      return Object.fromEntries(read);
    },
  };
}

/** Returns what a table says, with its presets. */
export function fill<K extends Keys>({ keys }: TableKind<K>, given: Given<K>, place: Place): Filled<K> {
  const filled = Object.entries(keys).map(([name, key]: [string, Key<unknown> & { preset?: unknown }]) => {
    const value = given[name];
    if (value !== undefined) return [name, value];
    return [name, key.preset === undefined ? null : key.kind.read(key.preset, place.key(name))];
  });
  return Object.fromEntries(filled);
}
