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
  const done = requestOf(app, key);
  if (done && done.release !== null)
    throw new FleetError(
      'EBUSY',
      `v${done.release} was begun, or changed, by this already; see: fleet releases`,
    );
}

/** Returns a change with the request that has made it. */
export function withRequest<C extends Partial<AppRecord>>(
  { requests }: AppRecord,
  next: C,
  { key, ...done }: Omit<DoneRequest, 'key'> & { key: string | undefined },
): C {
  if (key === undefined) return next;
  const others = requests.filter((one) => one.key !== key);
  return { ...next, requests: [...others, { key, ...done }].slice(-MAX_REQUESTS) };
}
