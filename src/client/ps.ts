import type { CheckedClientAnswers, ClientParams } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Link } from './link.ts';

/** Returns what `ps` answers, from as many pages as the hub makes of it. Throws as the call does. */
export async function psPages(
  link: Pick<Link, 'call'>,
  select: ClientParams['ps']['select'],
): Promise<CheckedClientAnswers['ps']['drones']> {
  const drones: CheckedClientAnswers['ps']['drones'] = {};
  let after: string | null = null;
  do {
    const params: ClientParams['ps'] = after === null ? { select } : { select, after };
    const { result }: { result: CheckedClientAnswers['ps'] } = await link.call('ps', params);
    if (after !== null && result.next !== null && result.next <= after)
      throw new FleetError('EPROTOCOL', 'the hub sends the same processes again and again');
    Object.assign(drones, result.drones);
    after = result.next;
  } while (after !== null);
  return drones;
}
