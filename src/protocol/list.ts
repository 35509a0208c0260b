import * as v from 'valibot';

/** As `array` of valibot, with `most` items at most: of a longer list, no item is looked at. */
export function list<const S extends v.GenericSchema>(item: S, most: number): v.ArraySchema<S, undefined> {
  const schema = v.array(item);
  const short = v.pipe(v.array(v.unknown()), v.maxLength(most));
  return {
    ...schema,
    '~run'(dataset, config) {
      const given: unknown = dataset.value;
      const isLong = Array.isArray(given) && given.length > most;
      return isLong ? (short['~run'](dataset, config) as never) : schema['~run'](dataset, config);
    },
  };
}
