import type { PeerFeatures } from '../protocol/features.ts';
import { EMPTY } from './frames.ts';
import { lasting } from './lasting.ts';

/** In a string of a message, every quote of a longer answer would have to be escaped, found and read again. */
const LONG_CHARACTERS = 16_384;

/** What a reply has, as JSON: its result, and the bytes beside it. */
export interface Reply {
  result: string;
  body: Buffer;
}

/** Returns a reply as the other end takes it: the body is the result if that is long, and there is no other. */
export function sentReply({ result, body }: Reply, features: PeerFeatures): Reply {
  if (result.length < LONG_CHARACTERS || body.length > 0 || !features.has('long-answers'))
    return { result, body };
  return { result: '', body: lasting(Buffer.from(result)) };
}

/** Inverts {@link sentReply}. */
export function receivedReply({ result, body }: Reply): Reply {
  return result === '' ? { result: body.toString(), body: EMPTY } : { result, body };
}
