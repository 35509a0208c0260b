import type { CheckedClientAnswers, ClientParams } from '../protocol/client-calls.ts';
import { randomBytes } from '../system/random.ts';
import type { Link } from './link.ts';

/** Calls that change an app, and that hubs know again by a key. */
type KeyedCall = 'app.up' | 'app.rollback' | 'app.promote' | 'app.down' | 'app.restart' | 'app.env.set';

/**
 * Makes a call that is carried out once, however often it is made: again, if the connection breaks before its answer. A hub
 * that knows no keys gets it once, and its answer may be missed.
 */
export async function callKeyed<K extends KeyedCall>(
  link: Pick<Link, 'features' | 'call' | 'callOnce'>,
  method: K,
  params: ClientParams[K],
): Promise<{ result: CheckedClientAnswers[K]; isRepeated: boolean }> {
  if ((await link.features()).has('app-keys'))
    return link.call(method, { ...params, key: randomBytes(16).toString('hex') });
  return { result: (await link.callOnce(method, params)).result, isRepeated: false };
}
