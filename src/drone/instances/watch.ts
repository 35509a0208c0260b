import type { InstanceSpec } from '../../protocol/instance.ts';
import type { Starts } from '../processes/hooks/starts.ts';
import { check } from './check.ts';
import { elsewhereText } from './elsewhere.ts';
import { afterCheck, type Health, isToRestart, nextCheckMs } from './health.ts';

/** It takes a pass over /proc to see where an instance listens. */
const EXPLAIN_EVERY_MS = 1_000;

export interface WatchOptions {
  id: string;
  pid: number;
  spec: InstanceSpec;
  /** Milliseconds that it has run already. */
  uptime: number;
  /** What is assumed until it has been checked. */
  health: Health;
  starts: Pick<Starts, 'forCheck'>;
  /** Its state has changed, or the reason. */
  changed(): void;
  /** It has failed for so long that it is to be restarted. */
  failed(why: string): void;
}

/** Watches one run of an instance. */
export class Watch {
  readonly pid: number;
  readonly spec: InstanceSpec;
  private health: Health;
  private timer: NodeJS.Timeout | undefined;
  /** Where it listens instead, as far as that was seen. */
  private elsewhere: { text: string | null; at: number } = { text: null, at: Number.NEGATIVE_INFINITY };
  private told: Pick<Health, 'state' | 'why'>;
  private readonly over = new AbortController();

  constructor(private readonly options: WatchOptions) {
    this.pid = options.pid;
    this.spec = options.spec;
    this.health = options.health;
    this.told = { state: this.state, why: this.why };
  }

  get name(): string {
    return `${this.spec.service}.${this.spec.slot}`;
  }

  get state(): Health['state'] {
    return this.health.state;
  }

  /** Why it is not ready; null if it is, or if that is not known. */
  get why(): string | null {
    return this.health.why === null ? null : (this.elsewhere.text ?? this.health.why);
  }

  start(): void {
    const { spec, options } = this;
    if (spec.served) this.lookIn(0);
    else if (this.state !== 'up') this.upIn(Math.max(0, spec.stableMs - options.uptime));
  }

  close(): void {
    clearTimeout(this.timer);
    this.over.abort();
  }

  private upIn(ms: number): void {
    this.timer = setTimeout(() => this.set({ ...this.health, state: 'up' }), ms).unref();
  }

  private lookIn(ms: number): void {
    this.timer = setTimeout(() => void this.look(), ms).unref();
  }

  private async look(): Promise<void> {
    const { spec, pid, options, over } = this;
    const { port, health, user } = spec;
    if (port === null || health === null) return;
    const start = health.command === null ? { cwd: '/', env: {} } : options.starts.forCheck(options.id, pid);
    const why = await check({ port, health, user, signal: over.signal, ...start });
    if (over.signal.aborted) return;
    const now = performance.now();
    if (why === null) this.elsewhere.text = null;
    else this.explain(port, now);
    this.set(afterCheck(this.health, why, now));
    this.lookIn(nextCheckMs(this.health, spec));
    if (isToRestart(this.health, spec, now)) options.failed(this.why ?? 'fails its check');
  }

  private explain(port: number, now: number): void {
    if (now - this.elsewhere.at < EXPLAIN_EVERY_MS) return;
    this.elsewhere = { text: elsewhereText(this.name, port, this.pid), at: now };
  }

  private set(health: Health): void {
    this.health = health;
    const { state, why } = this;
    if (state === this.told.state && why === this.told.why) return;
    this.told = { state, why };
    this.options.changed();
  }
}
