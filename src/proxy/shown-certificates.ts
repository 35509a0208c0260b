import type { SecureContext } from 'node:tls';
import { KeptCertificates } from './acme/kept-certificates.ts';
import { Certificates } from './certificates.ts';
import type { ProxyOptions } from './options.ts';

/** The certificates that a proxy shows: those from files, then those that its hub keeps. */
export class ShownCertificates {
  readonly files: Certificates;
  /** Null if none are ordered. */
  readonly kept: KeptCertificates | null;

  /** Throws ECONFIG if a file cannot be used. */
  constructor({ dir, acme, log }: ProxyOptions, tls: NonNullable<ProxyOptions['tls']>) {
    this.files = new Certificates(tls.certificates, log);
    this.kept = acme ? new KeptCertificates(dir, log) : null;
  }

  /** Returns true if one that is valid, or comes from a file, is for this host. */
  has(host: string): boolean {
    return this.files.has(host) || (this.kept?.has(host) ?? false);
  }

  /** Returns the one for a host; undefined if there is none, and it is that of whoever names no host. */
  contextFor(host: string): SecureContext | undefined {
    return this.files.contextFor(host) ?? this.kept?.contextFor(host);
  }
}
