import * as v from 'valibot';
import { FleetError } from './errors.ts';

/** The parameters of a call, checked against the protocol and rebuilt from it. EPROTOCOL says what is wrong. */
export function check<S extends v.GenericSchema>(
  schema: S,
  params: unknown,
  method: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, params, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new FleetError('EPROTOCOL', `${method}${where ? `: ${where}` : ''}: ${issue.message}`.slice(0, 300));
}
