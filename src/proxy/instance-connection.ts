import type { Socket } from 'node:net';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';

/** A request that is under way on a connection, and what happens to that. */
export interface Underway extends AnswerSink {
  /** More can be sent. */
  drained(): void;
  /** For some time, nothing came and nothing went. */
  silent(): void;
  failed(error: Error): void;
}

/** One connection to an instance, over which one request goes at a time. */
export class InstanceConnection {
  /** When it became idle. */
  idleSince = 0;
  private readonly reader = new AnswerReader();
  private underway: Underway | null = null;
  private error: Error | null = null;

  constructor(
    readonly socket: Socket,
    private readonly freed: (connection: InstanceConnection) => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.heard(chunk));
    socket.on('end', () => this.finish());
    socket.on('drain', () => this.underway?.drained());
    socket.on('timeout', () => this.underway?.silent());
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => this.fail(this.error ?? new Error('the connection has ended')));
  }

  /** A request is sent from now on. */
  begin(method: string, underway: Underway): void {
    this.underway = underway;
    this.reader.begin(method, underway);
  }

  /** The answer was read, and the request was sent to its end: the next one may follow. */
  release(): void {
    this.underway = null;
    if (!this.reader.isReusable) return void this.socket.destroy();
    // The client may be slower: what it has not taken yet is here already.
    this.socket.resume();
    this.freed(this);
  }

  destroy(): void {
    this.underway = null;
    this.socket.destroy();
  }

  private heard(chunk: Buffer): void {
    try {
      this.reader.read(chunk);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private finish(): void {
    try {
      this.reader.finish();
    } catch (error) {
      this.fail(error as Error);
    }
    this.socket.destroy();
  }

  private fail(error: Error): void {
    const { underway } = this;
    this.destroy();
    underway?.failed(error);
  }
}
