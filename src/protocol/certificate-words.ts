import * as v from 'valibot';
import { canBeCertified, type HostCertificate } from './certificates.ts';
import { check } from './check.ts';
import * as s from './words.ts';

// The words of certificates; see words.ts.

/** A certificate with its chain, or a key. */
export const pem = v.pipe(
  v.string(),
  v.maxLength(100_000),
  v.regex(/^-----BEGIN [A-Z ]+-----\n/, 'is not PEM'),
  v.title('PEM'),
);

export const certifiable = v.pipe(
  v.string(),
  v.check(canBeCertified, 'is not a host that can have a certificate'),
  v.title('host'),
);

/** The URL of an authority's directory (RFC 8555, 7.1.1). */
export const directory = v.pipe(v.string(), v.maxLength(1000), v.regex(/^https:\/\/\S+$/, 'is not a URL'));

export const facts = v.pipe(
  v.object({
    host: certifiable,
    directory,
    fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    from: s.milliseconds,
    until: s.milliseconds,
  }),
  v.title('certificate facts'),
);

export const challenge = v.pipe(
  v.object({
    token: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,200}$/)),
    answer: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{1,400}$/)),
  }),
  v.title('challenge'),
);

export const hostCertificate = v.pipe(
  v.object({ host: certifiable, chain: pem, privateKey: pem }),
  v.title('certificate'),
);

/** Returns certificates as they were kept in a file. Throws EPROTOCOL if it is not that. */
export function parseCertificates(given: unknown): HostCertificate[] {
  return check(v.array(hostCertificate), given, 'the certificates');
}
