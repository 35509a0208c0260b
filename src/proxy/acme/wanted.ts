import { certifiableHosts, renewalOf } from '../../protocol/certificates.ts';
import type { AppTraffic } from '../../protocol/endpoints.ts';

/** What a proxy does about certificates, by what its hub says. */
export interface WantedCertificates {
  /** The hub has one for these hosts that this proxy has not. */
  stale: string[];
  /** These have none, or one that is to be renewed. */
  due: string[];
  /** When the next one is to be renewed, in milliseconds since 1970; null if none is. */
  next: number | null;
}

/** What a proxy has itself. */
export interface Own {
  /** Returns true for a host that has a certificate from a file. */
  hasFile(host: string): boolean;
  fingerprintOf(host: string): string | null;
}

/** Decides what to do about certificates of an authority. */
export function wantedCertificates(
  apps: Readonly<Record<string, AppTraffic>>,
  authority: string,
  own: Own,
  now: number,
): WantedCertificates {
  const all = Object.values(apps);
  const hosts = new Set(all.flatMap(({ services }) => certifiableHosts(services)));
  const facts = new Map(all.flatMap(({ certificates = [] }) => certificates.map((one) => [one.host, one])));
  const wanted: WantedCertificates = { stale: [], due: [], next: null };
  for (const host of hosts) {
    if (own.hasFile(host)) continue;
    const known = facts.get(host);
    if (known && own.fingerprintOf(host) !== known.fingerprint) wanted.stale.push(host);
    const at = known ? renewalOf(known, authority) : 0;
    if (at <= now) wanted.due.push(host);
    else wanted.next = Math.min(at, wanted.next ?? at);
  }
  return wanted;
}
