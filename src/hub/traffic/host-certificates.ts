import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  type CertificateFacts,
  type Challenge,
  factsIn,
  type HostCertificate,
} from '../../protocol/certificates.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { Vault } from '../apps/vault.ts';
import { CertificateFile, type CertificateState, NEW_HOST } from './certificate-file.ts';
import { afterFailure, type NextOrder, nextOrder, ORDER_WITHIN_MS } from './certificate-orders.ts';

/** What a proxy has brought back from an authority. */
export interface Issued extends HostCertificate {
  directory: string;
}

const EMPTY: CertificateState = { accounts: {}, hosts: {}, order: null };

/**
 * The certificates of hosts, with the keys of accounts at authorities, sealed. One proxy at a time orders one; the hub
 * itself asks no authority.
 */
export class HostCertificates {
  private state: CertificateState;
  /** Why nothing can be kept; null if it can. */
  private readonly broken: unknown;
  private readonly file: CertificateFile;
  private challenges: Challenge[] = [];

  constructor(
    dir: string,
    private readonly vault: Pick<Vault, 'seal' | 'open'>,
    private readonly log: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {
    this.file = new CertificateFile(dir);
    this.broken = null;
    this.state = EMPTY;
    try {
      this.state = this.readable(this.file.load());
    } catch (error) {
      this.broken = error;
      log(`no certificates are ordered: ${messageOf(error)}`);
    }
  }

  /** Returns what is known of the certificates for some hosts. */
  factsOf(hosts: readonly string[]): CertificateFacts[] {
    return hosts.flatMap((host) => {
      const kept = this.state.hosts[host]?.kept;
      if (!kept) return [];
      const { directory, fingerprint, from, until } = kept;
      return [{ host, directory, fingerprint, from, until }];
    });
  }

  /** Returns what proxies answer to authorities, if the order that is under way is for one of these hosts. */
  challengesOf(hosts: readonly string[]): Challenge[] {
    return this.state.order && hosts.includes(this.state.order.host) ? this.challenges : [];
  }

  /** Returns the certificates for some hosts. */
  of(hosts: readonly string[]): HostCertificate[] {
    return hosts.flatMap((host) => {
      const kept = this.state.hosts[host]?.kept;
      return kept ? [{ host, chain: kept.chain, privateKey: this.vault.open(kept.sealed) }] : [];
    });
  }

  /** Begins an order for one of these hosts, if it is time for one. Throws ECONFIG, EIO. */
  order(key: string, hosts: readonly string[], directory: string): NextOrder {
    this.demandState();
    const { order } = this.state;
    if (order?.key === key) return { host: order.host, wait: 0 };
    const next = nextOrder(this.state, hosts, directory, this.now());
    if (next.host === null) return next;
    this.challenges = [];
    // Should nobody ever say how it went, it counts as one that the authority was asked for.
    const record = afterFailure(this.state.hosts[next.host] ?? NEW_HOST, true, this.now());
    this.save({
      hosts: { ...this.state.hosts, [next.host]: record },
      order: { key, host: next.host, until: this.now() + ORDER_WITHIN_MS },
    });
    return next;
  }

  /** Returns the key of the account at an authority, which is made for the first order. Throws EIO. */
  account(directory: string): string {
    const known = this.state.accounts[directory];
    if (known !== undefined) return this.vault.open(known);
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    this.save({ accounts: { ...this.state.accounts, [directory]: this.vault.seal(privateKey) } });
    return privateKey;
  }

  /** Has proxies answer a challenge while the order lasts. Throws EBUSY if it does not any more. */
  challenge(key: string, challenge: Challenge): void {
    if (this.state.order?.key !== key) throw new FleetError('EBUSY', 'another proxy orders now');
    this.challenges = [...this.challenges, challenge];
  }

  /** Keeps a certificate. Throws EPROTOCOL if it is not one for the host, with its key, and EIO. */
  keep(key: string, { host, directory, chain, privateKey }: Issued): void {
    this.demandState();
    const facts = factsOf(host, chain, privateKey);
    const kept = { directory, ...facts, chain, sealed: this.vault.seal(privateKey) };
    this.end(key, { hosts: { ...this.state.hosts, [host]: { ...NEW_HOST, kept } } });
  }

  /** Ends an order for which no certificate was issued. Returns for how many ms nobody tries again. Throws EIO. */
  failed(key: string, host: string, asked: boolean): number {
    const { order, hosts } = this.state;
    const now = this.now();
    const record = hosts[host] ?? NEW_HOST;
    if (order?.key !== key || order.host !== host) return Math.max(0, record.notBefore - now);
    // What `order` has counted in advance is not counted twice.
    const { failures } = record;
    const before = { ...record, failures: { ...failures, asked: failures.asked - 1 } };
    const after = afterFailure(before, asked, now);
    this.end(key, { hosts: { ...hosts, [host]: after } });
    return after.notBefore - now;
  }

  private end(key: string, change: Partial<CertificateState>): void {
    const isThis = this.state.order?.key === key;
    this.save(isThis ? { ...change, order: null } : change);
    if (isThis) this.challenges = [];
  }

  private save(change: Partial<CertificateState>): void {
    const next = { ...this.state, ...change };
    this.file.save(next);
    this.state = next;
  }

  private demandState(): void {
    if (this.broken) throw this.broken;
  }

  /** Leaves out what was sealed with another key: that is ordered again. */
  private readable(state: CertificateState): CertificateState {
    const opens = (what: string, sealed: string) => {
      try {
        this.vault.open(sealed);
        return true;
      } catch {
        this.log(`${what} cannot be opened with hub.key, and is made again`);
        return false;
      }
    };
    const accounts = Object.entries(state.accounts).filter(([directory, sealed]) =>
      opens(`the account at ${directory}`, sealed),
    );
    const hosts = Object.entries(state.hosts).map(([host, { kept, ...more }]) => {
      const isOpen = !kept || opens(`the certificate for ${host}`, kept.sealed);
      return [host, { ...more, kept: isOpen ? kept : null }] as const;
    });
    return { ...state, accounts: Object.fromEntries(accounts), hosts: Object.fromEntries(hosts) };
  }
}

function factsOf(host: string, chain: string, privateKey: string) {
  try {
    const certificate = new X509Certificate(chain);
    if (!certificate.checkPrivateKey(createPrivateKey(privateKey))) throw new Error('it has another key');
    if (certificate.checkHost(host) === undefined) throw new Error('it is for another host');
    return factsIn(certificate);
  } catch (cause) {
    const why = messageOf(cause);
    throw new FleetError('EPROTOCOL', `not a certificate for ${host}: ${why}`, { cause });
  }
}
