import { FleetError } from '../../protocol/errors.ts';
import type { AppRecord, DoneRequest } from './app-record.ts';

/** So many requests about one app are not under way while somebody repeats theirs. */
const MAX_REQUESTS = 50;

/** Returns the request of an app that has this key; null if it was not carried out. */
export function requestOf(app: AppRecord | undefined, key: string | undefined): DoneRequest | null {
  return (key !== undefined && app?.requests.find((one) => one.key === key)) || null;
}

/** Throws EBUSY if a request was carried out already. */
export function mustBeNew(app: AppRecord, key: string | undefined): void {
  if (requestOf(app, key)) throw new FleetError('EBUSY', 'this was done already');
}

/** Returns a change with the request that has made it. */
export function withRequest<C extends Partial<AppRecord>>(
  { requests }: AppRecord,
  next: C,
  { key, ...done }: Omit<DoneRequest, 'key'> & { key: string | undefined },
): C {
  return key === undefined
    ? next
    : { ...next, requests: [...requests, { key, ...done }].slice(-MAX_REQUESTS) };
}
