import type { ServerResponse } from 'node:http';
import { refuse } from '../system/http-refusal.ts';
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
export class FetchReply {
  private state: 'silent' | 'pulsing' | 'begun' = 'silent';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly response: ServerResponse,
    private readonly start = Buffer.alloc(0),
  ) {}

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
    return this.response.write(chunk);
  }

  end(): void {
    this.begin();
    this.response.end();
  }

  /** Says why there is no answer: with an HTTP status, or after that in git's own way. Cuts off an answer that has begun. */
  fail(status: number, why: string): void {
    this.stop();
    if (this.state === 'pulsing') this.response.end(packet(Buffer.from([FATAL]), why));
    else refuse(this.response, status, why);
  }

  get hasBegun(): boolean {
    return this.state === 'begun';
  }

  /** Ends the pulse. */
  stop(): void {
    clearInterval(this.timer);
  }

  private begin(): void {
    if (this.state === 'begun') return;
    this.stop();
    this.state = 'begun';
    this.response.write(this.start);
  }
}
