import type { X509Certificate } from 'node:crypto';

/** What everybody may know of the certificate that a hub keeps for a host. */
export interface CertificateFacts {
  host: string;
  /** Of the authority that has issued it: the URL of its directory. */
  directory: string;
  /** SHA-256 of the certificate, in hex. */
  fingerprint: string;
  /** In milliseconds since 1970. */
  from: number;
  until: number;
}

/** Returns what a certificate itself says of that. */
export function factsIn({
  fingerprint256,
  validFrom,
  validTo,
}: X509Certificate): Pick<CertificateFacts, 'fingerprint' | 'from' | 'until'> {
  const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase();
  return { fingerprint, from: Date.parse(validFrom), until: Date.parse(validTo) };
}

/** What proxies answer to an authority that wants to see that a host is theirs (RFC 8555, 8.3). */
export interface Challenge {
  token: string;
  answer: string;
}

/** A certificate with its chain, and its key, in PEM. */
export interface HostCertificate {
  host: string;
  chain: string;
  privateKey: string;
}

/** Who has just had a certificate from one authority gets none from another one. */
const CHANGE_AFTER_MS = 600_000;

/**
 * Returns when a certificate is to be renewed, in milliseconds since 1970: after two thirds of its life, and soon if it
 * comes from another authority.
 */
export function renewalOf(
  { directory, from, until }: Pick<CertificateFacts, 'directory' | 'from' | 'until'>,
  authority: string,
): number {
  const atTwoThirds = from + ((until - from) * 2) / 3;
  return directory === authority ? atTwoThirds : Math.min(atTwoThirds, from + CHANGE_AFTER_MS);
}

/** Returns true for a host that an authority can be asked to look at: a name with a dot, neither a wildcard nor an address. */
export function canBeCertified(host: string): boolean {
  return /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(
    host,
  );
}

/** Returns the hosts of some services for which an authority can be asked. */
export function certifiableHosts(services: readonly { routes: readonly { host: string }[] }[]): string[] {
  const hosts = services.flatMap(({ routes }) => routes.map(({ host }) => host));
  return [...new Set(hosts)].filter(canBeCertified);
}
