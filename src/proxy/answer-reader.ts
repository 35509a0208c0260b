import { type AnswerHead, BadAnswer, fieldOf, type HowRead, headOf } from './answer-head.ts';

/** What is told of an answer, in this order. */
export interface AnswerSink {
  /** Of information before an answer, too (1xx). */
  head(head: AnswerHead): void;
  body(piece: Buffer): void;
  /** The last piece of the body, if it was not told of by `body`, and trailers: names and values in turn. */
  end(piece: Buffer | null, trailers: string[]): void;
}

type State = HowRead | 'head' | 'chunk' | 'chunk end' | 'trailers';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const MAX_HEAD_BYTES = 65_536;
/** Of the size of a chunk, with its extensions, and of one trailer. */
const MAX_LINE_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

/**
 * Reads the answers of one connection to an instance. It is stricter than RFC 9112 allows: an instance has no reason to send
 * what only a lenient recipient understands. Characters that names and values cannot have are left to node, which writes them.
 */
export class AnswerReader {
  /** True if another request may be sent behind the answer that was read last. */
  isReusable = false;
  private state: State = 'idle';
  private sink: AnswerSink | null = null;
  private method = '';
  /** What has come of a head or a line. */
  private begun: Buffer = NOTHING;
  /** Bytes to come, of the body or of a chunk. */
  private left = 0;
  private trailers: string[] = [];
  private trailerBytes = 0;

  /** A request was sent: its answer is told to `sink`. */
  begin(method: string, sink: AnswerSink): void {
    Object.assign(this, { method, sink, state: 'head', isReusable: true });
  }

  /** Throws BadAnswer; nothing can be read from this connection then. */
  read(chunk: Buffer): void {
    const data = this.begun.length === 0 ? chunk : Buffer.concat([this.begun, chunk]);
    this.begun = NOTHING;
    let at = 0;
    while (at < data.length) {
      const next = this.step(data, at);
      if (next === at) break;
      at = next;
    }
    this.begun = at === data.length ? NOTHING : data.subarray(at);
  }

  /** The connection has ended. Throws BadAnswer if that was in the middle of an answer. */
  finish(): void {
    if (this.state === 'idle') return;
    if (this.state !== 'until close') throw new BadAnswer('the connection has ended before the answer');
    this.end(NOTHING, NOTHING, 0);
  }

  /** Reads one part, and returns where the next one begins; the same place if it has not come whole. */
  private step(data: Buffer, at: number): number {
    switch (this.state) {
      case 'idle':
        throw new BadAnswer('nobody has asked for that');
      case 'head':
        return this.readHead(data, at);
      case 'length':
      case 'chunk':
        return this.readBody(data, at);
      case 'until close':
        this.sink?.body(at === 0 ? data : data.subarray(at));
        return data.length;
      default:
        return this.readLine(data, at);
    }
  }

  private readHead(data: Buffer, at: number): number {
    const end = data.indexOf(HEAD_END, at);
    if (end === -1 ? data.length - at > MAX_HEAD_BYTES : end - at > MAX_HEAD_BYTES)
      throw new BadAnswer('the headers are too long');
    if (end === -1) {
      if (data.includes('\n\n', at)) throw new BadAnswer('a line does not end with CR LF');
      return at;
    }
    const next = end + HEAD_END.length;
    const { head, body, length, isReusable } = headOf(data.toString('latin1', at, end), this.method);
    this.sink?.head(head);
    if (head.status < 200) return next;
    this.isReusable = isReusable;
    this.state = body;
    this.left = length;
    if (body === 'idle' || (body === 'length' && length === 0)) this.end(null, data, next);
    return next;
  }

  private readBody(data: Buffer, at: number): number {
    const end = Math.min(data.length, at + this.left);
    const piece = data.subarray(at, end);
    this.left -= piece.length;
    if (this.left > 0 || this.state === 'chunk') this.sink?.body(piece);
    else this.end(piece, data, end);
    if (this.left === 0 && this.state === 'chunk') this.state = 'chunk end';
    return end;
  }

  private readLine(data: Buffer, at: number): number {
    const end = data.indexOf(LINE_FEED, at);
    if ((end === -1 ? data.length : end) - at > MAX_LINE_BYTES) throw new BadAnswer('a line is too long');
    if (end === -1) return at;
    if (data[end - 1] !== CARRIAGE_RETURN || end === at)
      throw new BadAnswer('a line does not end with CR LF');
    this.take(data.toString('latin1', at, end - 1), data, end + 1);
    return end + 1;
  }

  private take(line: string, data: Buffer, next: number): void {
    if (this.state === 'chunk end') {
      if (line !== '') throw new BadAnswer('a chunk is longer than it says');
      this.state = 'size';
    } else if (this.state === 'size') {
      const [, size] = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
      if (size === undefined) throw new BadAnswer('a chunk has no size');
      this.left = Number.parseInt(size, 16);
      this.state = this.left === 0 ? 'trailers' : 'chunk';
    } else if (line === '') {
      this.end(null, data, next);
    } else {
      this.trailerBytes += line.length;
      if (this.trailerBytes > MAX_HEAD_BYTES) throw new BadAnswer('the trailers are too long');
      this.trailers.push(...fieldOf(line));
    }
  }

  private end(piece: Buffer | null, data: Buffer, next: number): void {
    const { sink, trailers } = this;
    // What comes behind it was not asked for.
    if (next < data.length || this.state === 'until close') this.isReusable = false;
    Object.assign(this, { sink: null, state: 'idle', trailers: [], trailerBytes: 0 });
    sink?.end(piece, trailers);
  }
}
