import type { ServerResponse } from 'node:http';
import { refuse } from '../system/http-refusal.ts';
import { monotonicMs } from '../system/monotonic.ts';
import type { PackReader } from './pack-cache.ts';
import { packet } from './side-band.ts';

/** A client, or a proxy on the way, may take a longer silence for a dead connection. */
export const PULSE_EVERY_MS = 5_000;
const PROGRESS = 2;
const FATAL = 3;
const PULSE = packet(Buffer.from([PROGRESS]));

/**
 * Returns true if a fetch takes empty packets from the first byte of its answer on (gitprotocol-v2(5), sideband-all). Git
 * asks for them since 2.21, if uploadpack.allowSidebandAll offers them.
 */
export function takesPulse(question: Buffer, protocol: string): boolean {
  return /(^|:)version=2(:|$)/.test(protocol) && /001[01]sideband-all/.test(question.toString('latin1'));
}

/**
 * The answer to a client that fetches: `start`, then what git prints. `pulse` shows the client life until git begins: it may
 * wait for its turn, for another client's pack, or for a git that is slow to start.
 */
export class FetchReply implements PackReader {
  private state: 'silent' | 'pulsing' | 'begun' | 'ending' = 'silent';
  private timer: NodeJS.Timeout | undefined;
  /** What follows once the client has read what was written: TLS copies all that is written, and has no bound for it. */
  private rest: Buffer[] = [];
  private isFull = false;
  private readAt = monotonicMs();
  /** Resolves, and never rejects, when the client has everything, or is gone. */
  readonly over: Promise<void>;
  /** Called when the client has read what was written. */
  drained = () => {};

  constructor(
    readonly response: ServerResponse,
    private readonly start = Buffer.alloc(0),
  ) {
    response.on('drain', () => this.goOn());
    this.over = new Promise((resolve) => {
      if (response.closed || response.destroyed) resolve();
      else response.once('close', resolve);
    });
  }

  /** Milliseconds since the client has read something, if something waits for it. */
  get idleMs(): number {
    return this.isFull ? monotonicMs() - this.readAt : 0;
  }

  giveUp(): void {
    this.response.destroy();
  }

  pulse(everyMs: number): void {
    this.timer = setInterval(() => {
      if (this.response.destroyed) return this.stop();
      this.state = 'pulsing';
      this.response.write(PULSE);
    }, everyMs).unref();
  }

  /** Returns false if the client should read first. */
  write(chunk: Buffer): boolean {
    this.begin();
    if (this.isFull) this.rest.push(chunk);
    else this.put(chunk);
    return !this.isFull;
  }

  /** Ends the answer behind everything that was written. */
  end(): void {
    this.begin();
    this.state = 'ending';
    if (!this.isFull) this.response.end();
  }

  /** Says why there is no answer: with an HTTP status, or after that in git's own way. Cuts off an answer that has begun. */
  fail(status: number, why: string): void {
    this.stop();
    if (this.state === 'pulsing') this.response.end(packet(Buffer.from([FATAL]), why));
    else refuse(this.response, status, why);
  }

  get hasBegun(): boolean {
    return this.state === 'begun' || this.state === 'ending';
  }

  /** Ends the pulse. */
  stop(): void {
    clearInterval(this.timer);
  }

  private begin(): void {
    if (this.hasBegun) return;
    this.stop();
    this.state = 'begun';
    this.response.write(this.start);
  }

  private put(chunk: Buffer): void {
    if (this.response.write(chunk)) return;
    this.isFull = true;
    this.readAt = monotonicMs();
  }

  private goOn(): void {
    this.isFull = false;
    let written = 0;
    while (!this.isFull && written < this.rest.length) this.put(this.rest[written++] as Buffer);
    this.rest = this.rest.slice(written);
    if (this.isFull) return;
    if (this.state === 'ending') this.response.end();
    else this.drained();
  }
}
