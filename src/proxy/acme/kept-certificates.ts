import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { parseCertificates } from '../../protocol/certificate-words.ts';
import { factsIn, type HostCertificate } from '../../protocol/certificates.ts';
import { messageOf } from '../../protocol/errors.ts';
import { readJson } from '../../system/json-file.ts';
import { MODERN_TLS } from '../../system/modern-tls.ts';
import { writeCrashSafe } from '../../system/write-whole.ts';

interface Loaded extends HostCertificate {
  fingerprint: string;
  until: number;
  context: SecureContext;
}

/** This proxy's copy of the certificates that its hub keeps: with it, it serves while the hub is away. */
export class KeptCertificates {
  private readonly path: string;
  private byHost = new Map<string, Loaded>();

  constructor(
    dir: string,
    private readonly log: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {
    this.path = join(dir, 'certificates.json');
    try {
      const given = readJson(this.path);
      if (given !== undefined) this.take(parseCertificates(given));
    } catch (error) {
      log(messageOf(error));
    }
  }

  has(host: string): boolean {
    const until = this.byHost.get(host)?.until ?? 0;
    return until > this.now();
  }

  /** Returns what to show to whoever names this host. */
  contextFor(host: string): SecureContext | undefined {
    return this.byHost.get(host)?.context;
  }

  /** Returns the SHA-256 of the one for a host, in hex; null if there is none. */
  fingerprintOf(host: string): string | null {
    return this.byHost.get(host)?.fingerprint ?? null;
  }

  /** Uses these from now on, and those for other hosts that there were until they end. */
  add(certificates: readonly HostCertificate[]): void {
    this.take(certificates);
    const kept = [...this.byHost.values()].filter(({ until }) => until > this.now());
    const text = kept.map(({ host, chain, privateKey }) => ({ host, chain, privateKey }));
    try {
      writeCrashSafe(this.path, `${JSON.stringify(text)}\n`);
    } catch (error) {
      this.log(messageOf(error));
    }
  }

  private take(certificates: readonly HostCertificate[]): void {
    for (const one of certificates) {
      try {
        this.byHost.set(one.host, loaded(one));
      } catch (error) {
        this.log(`the certificate for ${one.host} cannot be used: ${messageOf(error)}`);
      }
    }
  }
}

function loaded(given: HostCertificate): Loaded {
  const { chain, privateKey } = given;
  const { fingerprint, until } = factsIn(new X509Certificate(chain));
  return {
    ...given,
    fingerprint,
    until,
    context: createSecureContext({ cert: chain, key: privateKey, ...MODERN_TLS }),
  };
}
