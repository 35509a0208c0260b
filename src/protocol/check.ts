import * as v from 'valibot';
import { FleetError } from './errors.ts';

/** What a peer sent, checked against the protocol and rebuilt from it. EPROTOCOL says what is wrong with `what`. */
export function check<S extends v.GenericSchema>(schema: S, given: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, given, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new FleetError('EPROTOCOL', `${what}${where ? `: ${where}` : ''}: ${issue.message}`.slice(0, 300));
}
