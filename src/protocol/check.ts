import * as v from 'valibot';
import { FleetError } from './errors.ts';

/** Checks what a peer sent, and returns it rebuilt from the schema. Throws EPROTOCOL, naming `what`, if it is wrong. */
export function check<S extends v.GenericSchema>(schema: S, given: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, given, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new FleetError('EPROTOCOL', `${what}${where ? `: ${where}` : ''}: ${issue.message}`.slice(0, 300));
}
