import { renewalOf } from '../../protocol/certificates.ts';
import { type CertificateState, type HostRecord, NEW_HOST } from './certificate-records.ts';

/** Nobody else orders meanwhile. */
export const ORDER_WITHIN_MS = 180_000;
/** Who comes while another one orders asks again after this. */
const BUSY_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;

/**
 * An authority is asked at most four times an hour for a host, and ever more seldom: Let's Encrypt takes five failures an
 * hour (https://letsencrypt.org/docs/rate-limits/).
 */
const ASKED = { firstMs: 900_000, longestMs: 43_200_000 };
/** What was not asked of an authority costs nobody much: a name that is set up in DNS is found soon. */
const UNASKED = { firstMs: 30_000, longestMs: 1_800_000 };

/** What a proxy may do now: order one for a host, or wait. */
export type NextOrder = { host: string; wait: 0 } | { host: null; wait: number };

/** Decides for which of some hosts a certificate is ordered now. Who has waited longest is first. */
export function nextOrder(
  { hosts, order }: Pick<CertificateState, 'hosts' | 'order'>,
  wanted: readonly string[],
  authority: string,
  now: number,
): NextOrder {
  if (order && order.until > now) return { host: null, wait: BUSY_WAIT_MS };
  const times = wanted.map((host) => ({ host, at: dueAt(hosts[host] ?? NEW_HOST, authority) }));
  const [first] = times.sort((a, b) => a.at - b.at);
  if (first && first.at <= now) return { host: first.host, wait: 0 };
  const wait = first ? first.at - now : LONGEST_WAIT_MS;
  return { host: null, wait: Math.ceil(Math.min(wait, LONGEST_WAIT_MS)) };
}

function dueAt({ kept, notBefore }: HostRecord, authority: string): number {
  return kept ? Math.max(notBefore, renewalOf(kept, authority)) : notBefore;
}

/** Returns what is kept of a host for which none was issued. */
export function afterFailure(record: HostRecord, asked: boolean, now: number): HostRecord {
  const { failures } = record;
  const before = asked ? failures.asked : failures.unasked;
  const { firstMs, longestMs } = asked ? ASKED : UNASKED;
  const wait = Math.min(longestMs, firstMs * 2 ** before);
  return {
    ...record,
    failures: { ...failures, [asked ? 'asked' : 'unasked']: before + 1 },
    notBefore: now + wait,
  };
}
