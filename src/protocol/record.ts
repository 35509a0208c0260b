import * as v from 'valibot';

type Keys = v.BaseSchema<string, string, v.BaseIssue<unknown>>;
type Values = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

const ANY: Size = { most: Number.POSITIVE_INFINITY, otherwise: '' };

/** Keys that valibot's `record` drops without a word. */
const DROPPED = ['constructor', 'prototype', '__proto__'];

/** How many keys a record has at most, and what is said of one that has more. */
interface Size {
  most: number;
  otherwise: string;
}

/**
 * As `record` of valibot, but whatever a key is called, it is checked and kept. Of one that is too large, no key is looked
 * at.
 */
export function record<const K extends Keys, const V extends Values>(
  key: K,
  value: V,
  { most, otherwise }: Size = ANY,
): v.RecordSchema<K, V, undefined> {
  const schema = v.record(key, value);
  const tooLarge = v.pipe(
    v.unknown(),
    v.check(() => false, otherwise),
  );
  return {
    ...schema,
    '~run'(dataset, config) {
      const given: unknown = dataset.value;
      if (typeof given !== 'object' || given === null) return schema['~run'](dataset, config);
      if (Object.keys(given).length > most) return tooLarge['~run'](dataset, config) as never;
      const result = schema['~run'](dataset, config);
      for (const name of DROPPED.filter((one) => Object.hasOwn(given, one))) {
        // Checked under this name alone, so that what is wrong is said as valibot says it.
        const keys = v.safeParse(key, name, config);
        const values = v.safeParse(value, (given as Record<string, unknown>)[name], config);
        const issues = [...(keys.issues ?? []), ...(values.issues ?? [])];
        if (issues.length > 0)
          return {
            typed: false,
            value: given,
            issues: [...(result.issues ?? []), ...issues],
          } as typeof result;
        define(result.value, name, values.output);
      }
      return result;
    },
  };
}

/** Unlike an assignment, this also makes a property that is called `__proto__`. */
function define(target: unknown, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
