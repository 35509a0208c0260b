import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { messageOf } from '../../protocol/errors.ts';
import { publicKeyPin } from '../../rpc/pinned.ts';
import { MODERN_TLS } from '../../system/modern-tls.ts';
import { type Certificate, expiryOf } from './certificate.ts';

const DAY_MS = 86_400_000;

/** The certificate that clients get, which may differ from the one on disk: it warns daily once that has to be renewed. */
export class ServedCertificate {
  private readonly timer: NodeJS.Timeout;

  /** `load` returns the certificate on disk. */
  constructor(
    private current: Certificate | null,
    private readonly load: () => Promise<Certificate | null>,
    private readonly log: (line: string) => void,
  ) {
    this.timer = setInterval(() => this.warnOfExpiry(), DAY_MS).unref();
  }

  /** The base64 sha256 of its public key; null without TLS. */
  get publicKey(): string | null {
    return this.current && publicKeyPin(new X509Certificate(this.current.cert));
  }

  warnOfExpiry(now = Date.now()): void {
    for (const line of expiryOf(this.current, now)) this.log(line);
  }

  /** Gives servers the certificate on disk, for connections from now on; if it cannot be used, the old one stays. */
  async renew(servers: readonly Server[]): Promise<void> {
    try {
      const certificate = await this.load();
      if (!certificate) return;
      for (const server of servers)
        if (server instanceof TlsServer) server.setSecureContext({ ...certificate, ...MODERN_TLS });
      this.current = certificate;
      const { validTo } = new X509Certificate(certificate.cert);
      this.log(`the certificate was read again; it is valid until ${validTo}`);
      this.warnOfExpiry();
    } catch (error) {
      this.log(`the certificate could not be read again, and the old one stays: ${messageOf(error)}`);
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}
