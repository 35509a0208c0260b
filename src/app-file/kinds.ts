import { closest } from '../system/closest.ts';
import type { Place } from './place.ts';

export type JsonSchema = { readonly [key: string]: unknown };

/** A kind of value: how it is read, and how the schema and messages describe it. */
export interface Kind<T> {
  /** Completes "must be …". */
  readonly what: string;
  readonly schema: JsonSchema;
  /** Throws ECONFIG if it is not of this kind. */
  read(value: unknown, place: Place): T;
}

export const text = (
  what: string,
  pattern: RegExp,
  meant?: (wrong: string) => string | undefined,
): Kind<string> => ({
  what,
  schema: { type: 'string', ...patternOf(pattern) },
  read(value, place) {
    if (typeof value === 'string' && pattern.test(value)) return value;
    const guess = typeof value === 'object' ? undefined : meant?.(String(value));
    throw place.mustBe(what, value, guess !== undefined && pattern.test(guess) ? guess : undefined);
  },
});

/** Editors are written in other languages: what their regular expressions may not know is left out. */
const patternOf = ({ source }: RegExp) => (/\(\?[!=]|\\0|\\p/.test(source) ? {} : { pattern: source });

/** Returns what a wrong value would be as a string; an empty one for lists and tables. */
export const asText = (value: unknown) => (typeof value === 'object' ? '' : String(value));

export const FLAG: Kind<boolean> = {
  what: 'true or false',
  schema: { type: 'boolean' },
  read(value, place) {
    if (typeof value === 'boolean') return value;
    const meant = asText(value);
    throw place.mustBe('true or false', value, /^(?:true|false)$/.test(meant) ? meant === 'true' : undefined);
  },
};

export function whole(minimum: number, maximum: number): Kind<number> {
  const what = `a whole number from ${minimum} to ${maximum}`;
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum;
  return {
    what,
    schema: { type: 'integer', minimum, maximum },
    read(value, place) {
      if (fits(value)) return value;
      const meant = typeof value === 'string' && value.trim() !== '' ? Number(value) : undefined;
      throw place.mustBe(what, value, fits(meant) ? meant : undefined);
    },
  };
}

export function choice<W extends string>(...words: W[]): Kind<W> {
  const what = words.map((word) => JSON.stringify(word)).join(' or ');
  return {
    what,
    schema: { enum: words },
    read(value, place) {
      const word = words.find((one) => one === value);
      if (word) return word;
      throw place.mustBe(what, value, typeof value === 'string' ? closest(value, words) : undefined);
    },
  };
}

const MAX_ELEMENTS = 200;

/** A list of at least one. */
export function list<T>(kind: Kind<T>, example: string): Kind<T[]> {
  const what = `a list such as ${example}`;
  return {
    what,
    schema: { type: 'array', items: kind.schema, minItems: 1, maxItems: MAX_ELEMENTS },
    read(value, place) {
      if (Array.isArray(value) && value.length > MAX_ELEMENTS) {
        throw place.error(`has ${value.length} elements; ${MAX_ELEMENTS} are the most`);
      }
      if (Array.isArray(value) && value.length > 0) {
        return value.map((one, index) => kind.read(one, place.key(String(index))));
      }
      throw place.mustBe(what, value, typeof value === 'string' ? [value] : undefined);
    },
  };
}

/** What the value is read as depends on its type. */
export function either<T>(
  what: string,
  kinds: { [type in 'string' | 'number' | 'boolean' | 'list' | 'table']?: Kind<T> },
): Kind<T> {
  return {
    what,
    schema: { anyOf: [...new Set(Object.values(kinds).map(({ schema }) => schema))] },
    read(value, place) {
      const kind = kinds[typeOf(value) as keyof typeof kinds];
      if (kind) return kind.read(value, place);
      throw place.mustBe(what, value);
    },
  };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return isTable(value) ? 'table' : typeof value;
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

export function mapped<A, B>(kind: Kind<A>, convert: (value: A, place: Place) => B): Kind<B> {
  return { ...kind, read: (value, place) => convert(kind.read(value, place), place) };
}
