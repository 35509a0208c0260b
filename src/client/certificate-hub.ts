import type { Challenge, HostCertificate } from '../protocol/certificates.ts';
import type { CheckedClientAnswers, ClientParams } from '../protocol/client-calls.ts';
import { Link } from './link.ts';
import type { ConnectOptions } from './types.ts';

/** An order that is under way: who has it, and for which host. */
export interface OrderName {
  /** Random: 32 hex digits. */
  key: string;
  host: string;
}

/** What a hub does for a proxy that orders certificates. Every method rejects with FleetError. */
export interface CertificateHub {
  /** Returns the certificates of the hosts that this proxy may see. */
  certificates(): Promise<HostCertificate[]>;
  /** Asks for which of these hosts to order one now; `wait` in ms. */
  order(asked: ClientParams['certificate.order']): Promise<CheckedClientAnswers['certificate.order']>;
  /** Has all proxies answer a challenge; resolves when they do. */
  challenge(order: OrderName, challenge: Challenge): Promise<void>;
  /** Ends an order with a certificate. */
  keep(order: OrderName, directory: string, certificate: HostCertificate): Promise<void>;
  /** Ends an order without one; returns for how many ms nobody tries again. */
  failed(order: OrderName, why: { asked: boolean; why: string }): Promise<number>;
  close(): void;
}

/** Returns a hub that need not be there yet. */
export function certificateHub(target: ConnectOptions): CertificateHub {
  const link = new Link(target);
  const ready = () => link.demand('certificates', 'keeps no certificates');
  return {
    async certificates() {
      await ready();
      return (await link.call('certificates', {})).result.certificates;
    },
    async order(asked) {
      await ready();
      return (await link.call('certificate.order', asked)).result;
    },
    async challenge(order, challenge) {
      await link.callOnce('certificate.challenge', { ...order, challenge });
    },
    async keep(order, directory, { chain, privateKey }) {
      await link.call('certificate.keep', { ...order, directory, chain, privateKey });
    },
    async failed(order, why) {
      return (await link.call('certificate.failed', { ...order, ...why })).result.wait;
    },
    close: () => link.close(),
  };
}
