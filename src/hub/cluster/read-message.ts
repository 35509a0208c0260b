import * as v from 'valibot';

/** Returns what is in a message of the bus; null for what no hub has written. */
export function readMessage<S extends v.GenericSchema>(
  schema: S,
  message: Buffer | null,
): v.InferOutput<S> | null {
  try {
    const result = v.safeParse(schema, JSON.parse(message?.toString() ?? 'null'));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
