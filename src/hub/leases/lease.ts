import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { Fence } from '../../protocol/fence.ts';
import type { LeaseBucket } from './lease-bucket.ts';
import {
  endsIn,
  holderIn,
  isHeld,
  LEASE_MS,
  leaseContent,
  renewed,
  renewIn,
  type Tenure,
  tryIn,
} from './tenure.ts';

/** Between tries to renew a lease that was not answered. */
const RENEW_AGAIN_AFTER_MS = 250;

export interface LeaseOptions {
  bucket: LeaseBucket;
  key: string;
  /** Who has it, for people. */
  holder: string;
  log(line: string): void;
  leaseMs?: number;
}

interface LeaseEvents {
  /** This hub has it from now on; its orders carry this fence. */
  taken: [Fence];
  /** This hub has it no more. */
  lost: [];
}

/** A lease that one hub at a time has: whoever wants it tries for it, and renews it as long as it can. */
export class Lease extends EventEmitter<LeaseEvents> {
  private tenure: Tenure | null = null;
  /** Of the bucket in which that was taken: it may be made anew. */
  private created = 0;
  /** Distinguishes this holder from an earlier one of the same name. */
  private readonly token = randomBytes(16).toString('hex');
  private readonly leaseMs: number;
  private timer: NodeJS.Timeout | undefined;
  private end: NodeJS.Timeout | undefined;
  private isClosed = false;
  private underWay: Promise<void> = Promise.resolve();
  private lastProblem: string | null = null;
  private other: string | null = null;

  constructor(private readonly options: LeaseOptions) {
    super();
    this.leaseMs = options.leaseMs ?? LEASE_MS;
  }

  /** The fence of this hub's orders; null unless it has the lease, whenever that is asked. */
  get fence(): Fence | null {
    const { tenure, created } = this;
    if (!tenure || !isHeld(tenure, performance.now(), this.leaseMs)) return null;
    return { created, count: tenure.count };
  }

  /** Who else has it, as far as this hub knows; null for nobody. */
  get holder(): string | null {
    return this.other;
  }

  /** Why it cannot be taken, or renewed; null if that is not known. */
  get problem(): string | null {
    return this.lastProblem;
  }

  /** Begins to try for it. */
  start(): void {
    this.next(0);
  }

  /** Somebody has given it up: it is tried for at once. */
  hurry(): void {
    if (!this.tenure) this.next(0);
  }

  /** Renews it at once, which tells whether somebody else has had it. Resolves to the fence if the engine says that this hub has it. */
  async confirm(): Promise<Fence | null> {
    const since = performance.now();
    const isSure = () => this.tenure !== null && this.tenure.sentAt >= since;
    // One renewal is enough for all who have asked before it.
    this.underWay = this.underWay.then(() => (isSure() || !this.tenure ? undefined : this.act(this.tenure)));
    await this.underWay;
    return isSure() ? this.fence : null;
  }

  /** Gives it back, so that another hub has it at once. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.underWay;
    const { tenure } = this;
    this.lose();
    if (tenure) await this.options.bucket.put(this.options.key, null, tenure.revision).catch(() => {});
  }

  private next(ms: number): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      const { tenure } = this;
      this.underWay = this.underWay.then(() => this.act(tenure));
    }, ms);
  }

  /** Does what was due with this tenure; if it has ended meanwhile, something else is due. */
  private async act(tenure: Tenure | null): Promise<void> {
    if (this.isClosed || this.tenure !== tenure) return;
    await (tenure ? this.renew(tenure) : this.take());
  }

  private async take(): Promise<void> {
    const { bucket, key, holder } = this.options;
    const sentAt = performance.now();
    try {
      const current = await bucket.get(key);
      const data = current?.data ?? null;
      // What was given up may still be this hub's at the engine.
      const isFree = data === null || data.includes(this.token);
      this.lastProblem = null;
      this.other = isFree ? null : holderIn(data);
      if (!isFree) return this.next(tryIn(this.leaseMs, Math.random()));
      const content = leaseContent(holder, this.token);
      const revision = await bucket.put(key, content, data === null ? 0 : (current?.revision ?? 0));
      this.become({ count: revision, revision, sentAt });
    } catch (error) {
      this.complain(error);
      this.next(tryIn(this.leaseMs, Math.random()));
    }
  }

  private async renew(tenure: Tenure): Promise<void> {
    const { bucket, key, holder } = this.options;
    // It was stopped for a while: somebody else may have it.
    if (!isHeld(tenure, performance.now(), this.leaseMs)) return this.leave();
    const sentAt = performance.now();
    try {
      const content = leaseContent(holder, this.token);
      const revision = await bucket.put(key, content, tenure.revision);
      if (this.tenure !== tenure) return;
      this.lastProblem = null;
      this.keep(renewed(tenure, revision, sentAt));
    } catch (error) {
      if (this.tenure !== tenure) return;
      this.complain(error);
      if (error instanceof FleetError && error.code === 'ECONFLICT') this.leave();
      else this.next(RENEW_AGAIN_AFTER_MS);
    }
  }

  private become(tenure: Tenure): void {
    if (!isHeld(tenure, performance.now(), this.leaseMs) || this.isClosed) {
      // The answer took too long: it is tried again, as this hub's own.
      this.tenure = this.isClosed ? tenure : null;
      return this.next(RENEW_AGAIN_AFTER_MS);
    }
    this.created = this.options.bucket.created;
    this.keep(tenure);
    this.emit('taken', { created: this.created, count: tenure.count });
  }

  private keep(tenure: Tenure): void {
    this.tenure = tenure;
    const now = performance.now();
    clearTimeout(this.end);
    this.end = setTimeout(() => this.leave(), endsIn(tenure, now, this.leaseMs));
    this.next(renewIn(tenure, now, this.leaseMs));
  }

  /** It is this hub's no more, which tries for it again. */
  private leave(): void {
    this.lose();
    this.next(tryIn(this.leaseMs, Math.random()));
  }

  private lose(): void {
    clearTimeout(this.end);
    if (!this.tenure) return;
    this.tenure = null;
    this.emit('lost');
  }

  /** Says what is wrong, once for as long as it stays so. */
  private complain(error: unknown): void {
    const problem = messageOf(error);
    if (problem !== this.lastProblem) this.options.log(`the lease ${this.options.key}: ${problem}`);
    this.lastProblem = problem;
  }
}
