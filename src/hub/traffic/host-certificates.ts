import { generateKeyPairSync } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { CertificateFacts, Challenge, HostCertificate } from '../../protocol/certificates.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { Vault } from '../apps/vault.ts';
import type { KeptRecords } from '../store/kept-records.ts';
import type { Store } from '../store/store.ts';
import { afterFailure, type NextOrder, nextOrder, ORDER_WITHIN_MS } from './certificate-orders.ts';
import {
  type CertificateRecord,
  type CertificateState,
  changeBetween,
  ended,
  NEW_HOST,
  openCertificateRecords,
  stateIn,
} from './certificate-records.ts';
import { factsOf, type Issued } from './issued.ts';

export interface CertificateParts {
  vault: Pick<Vault, 'seal' | 'open'>;
  log(line: string): void;
  /** Returns milliseconds since 1970. */
  now(): number;
}

/** Of one order, the newest. */
const MAX_CHALLENGES = 100;

const EMPTY: CertificateState = { accounts: {}, hosts: {}, order: null };

/**
 * The certificates of hosts, with the keys of accounts at authorities, sealed. One proxy at a time orders one; the hub
 * itself asks no authority. Emits `changed` after something has changed, at this hub or at another one.
 */
export class HostCertificates extends EventEmitter<{ changed: [] }> {
  private state = EMPTY;
  /** Whether something that is sealed can be opened. */
  private readonly verdicts = new Map<string, boolean>();

  private constructor(
    /** The records, or why nothing can be kept. */
    private readonly kept: KeptRecords<CertificateRecord> | FleetError,
    private readonly parts: CertificateParts,
  ) {
    super();
    if (kept instanceof FleetError) return;
    this.state = this.readable(kept.all);
    kept.follow(() => {
      this.state = this.readable(kept.all);
      this.emit('changed');
    });
  }

  /** If they cannot be read, that is logged, and none are ordered. */
  static async open(store: Store, parts: CertificateParts): Promise<HostCertificates> {
    try {
      return new HostCertificates(await openCertificateRecords(store), parts);
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      parts.log(`no certificates are ordered: ${messageOf(error)}`);
      return new HostCertificates(error, parts);
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
    const { order } = this.state;
    return order && hosts.includes(order.host) ? order.challenges : [];
  }

  /** Returns the certificates for some hosts. */
  of(hosts: readonly string[]): HostCertificate[] {
    return hosts.flatMap((host) => {
      const kept = this.state.hosts[host]?.kept;
      return kept ? [{ host, chain: kept.chain, privateKey: this.parts.vault.open(kept.sealed) }] : [];
    });
  }

  /** Begins an order for one of these hosts, if it is time for one. Throws ECONFIG, EIO. */
  order(key: string, hosts: readonly string[], directory: string): Promise<NextOrder> {
    return this.change<NextOrder>((state) => {
      const now = this.parts.now();
      if (state.order?.key === key) return { state, answer: { host: state.order.host, wait: 0 } };
      const next = nextOrder(state, hosts, directory, now);
      if (next.host === null) return { state, answer: next };
      // Should nobody ever say how it went, it counts as one that the authority was asked for.
      const record = afterFailure(state.hosts[next.host] ?? NEW_HOST, true, now);
      const order = { key, host: next.host, until: now + ORDER_WITHIN_MS, challenges: [] };
      return { state: { ...state, hosts: { ...state.hosts, [next.host]: record }, order }, answer: next };
    });
  }

  /** Returns the key of the account at an authority, which is made for the first order. Throws ECONFIG, EIO. */
  async account(directory: string): Promise<string> {
    const { vault } = this.parts;
    const known = this.state.accounts[directory];
    if (known !== undefined) return vault.open(known);
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const made = vault.seal(privateKey);
    const sealed = await this.change((state) => {
      const answer = state.accounts[directory] ?? made;
      return { state: { ...state, accounts: { ...state.accounts, [directory]: answer } }, answer };
    });
    return vault.open(sealed);
  }

  /** Has proxies answer a challenge while the order lasts. Throws EBUSY if it does not any more, ECONFIG, EIO. */
  async challenge(key: string, challenge: Challenge): Promise<void> {
    await this.change((state) => {
      const { order } = state;
      if (order?.key !== key) throw new FleetError('EBUSY', 'another proxy orders now');
      const challenges = [...order.challenges, challenge].slice(-MAX_CHALLENGES);
      return { state: { ...state, order: { ...order, challenges } }, answer: null };
    });
  }

  /** Keeps a certificate. Throws EPROTOCOL if it is not one for the host, with its key, ECONFIG and EIO. */
  async keep(key: string, issued: Issued): Promise<void> {
    const { host, directory, chain, privateKey } = issued;
    const facts = factsOf(issued);
    const kept = { directory, ...facts, chain, sealed: this.parts.vault.seal(privateKey) };
    await this.change((state) => {
      const hosts = { ...state.hosts, [host]: { ...NEW_HOST, kept } };
      return { state: ended({ ...state, hosts }, key), answer: null };
    });
  }

  /** Ends an order for which no certificate was issued. Returns for how many ms nobody tries again. Throws ECONFIG, EIO. */
  failed(key: string, host: string, asked: boolean): Promise<number> {
    return this.change((state) => {
      const { order, hosts } = state;
      const now = this.parts.now();
      const record = hosts[host] ?? NEW_HOST;
      if (order?.key !== key || order.host !== host)
        return { state, answer: Math.max(0, record.notBefore - now) };
      // What `order` has counted in advance is not counted twice.
      const { failures } = record;
      const before = { ...record, failures: { ...failures, asked: failures.asked - 1 } };
      const after = afterFailure(before, asked, now);
      const next = ended({ ...state, hosts: { ...hosts, [host]: after } }, key);
      return { state: next, answer: after.notBefore - now };
    });
  }

  /** Stores what `decide` makes of the state, and returns its answer. */
  private async change<T>(
    decide: (state: CertificateState) => { state: CertificateState; answer: T },
  ): Promise<T> {
    const { kept } = this;
    if (kept instanceof FleetError) throw kept;
    const { answer } = await kept.change((now) => {
      const before = this.readable(now);
      const { state, answer } = decide(before);
      return { next: changeBetween(before, state), answer };
    });
    return answer;
  }

  /** Leaves out what was sealed with another key: that is ordered again. */
  private readable(records: ReadonlyMap<string, CertificateRecord>): CertificateState {
    const state = stateIn(records);
    const accounts = Object.entries(state.accounts).filter(([directory, sealed]) =>
      this.opens(`the account at ${directory}`, sealed),
    );
    const hosts = Object.entries(state.hosts).map(([host, record]) => {
      const isOpen = !record.kept || this.opens(`the certificate for ${host}`, record.kept.sealed);
      return [host, isOpen ? record : { ...record, kept: null }] as const;
    });
    return { ...state, accounts: Object.fromEntries(accounts), hosts: Object.fromEntries(hosts) };
  }

  private opens(what: string, sealed: string): boolean {
    const known = this.verdicts.get(sealed);
    if (known !== undefined) return known;
    let verdict = true;
    try {
      this.parts.vault.open(sealed);
    } catch {
      verdict = false;
      this.parts.log(`${what} cannot be opened with hub.key, and is made again`);
    }
    this.verdicts.set(sealed, verdict);
    return verdict;
  }
}
