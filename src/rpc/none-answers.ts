import { hubUrl } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';

/** A hub that was dialled in vain. */
export interface Failed {
  hub: string;
  error: FleetError;
}

/**
 * Returns the error for hubs of which none has answered. Its code is that of the one that says most: what is full, or is
 * no hub, has at least answered. Its cause is that of a hub that refuses connections, if one does: it may be starting.
 */
export function noneAnswers(failed: readonly Failed[]): FleetError {
  const [first] = failed;
  if (!first) return new FleetError('ECONNECT', 'there is no hub to reach');
  const most = CODES.flatMap((code) => failed.find(({ error }) => error.code === code) ?? [])[0] ?? first;
  const refused = failed.find(({ error }) => codeOf(error.cause) === 'ECONNREFUSED') ?? most;
  const sorted = [...failed].sort((a, b) => (a.hub < b.hub ? -1 : 1));
  const each = sorted.map(({ hub, error }) => `${nameOf(hub)} (${whyOf(error.message)})`);
  return new FleetError(most.error.code, `none of the hubs answers: ${each.join(', ')}`, {
    cause: refused.error.cause,
  });
}

const CODES = ['ELIMIT', 'EPROTOCOL', 'ECONNECT', 'ECLOSED', 'ETIMEOUT'];

const codeOf = (cause: unknown) => (cause as NodeJS.ErrnoException | undefined)?.code;

/** Returns `host:port`, with what is the default. */
export function nameOf(hub: string): string {
  return hubUrl(hub).replace(/^https?:\/\//, '');
}

/** Returns a message without what it says of which hub it is about. */
function whyOf(message: string): string {
  return message
    .replace(/^cannot reach the hub at \S+: /, '')
    .replace(/^no answer from the hub at .*$/, 'no answer');
}
