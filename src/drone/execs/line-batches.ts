import { wholeLines } from '../../system/lines.ts';

/** How long output is collected before it is sent: many small messages cost more than a large one. */
const GATHER_MS = 1;
/** How long, and up to which length, an unfinished line waits for its end before it is sent as it is. */
const FINISH_LINE_MS = 20;
const LONG_LINE_BYTES = 65_536;

/** Batches what a process prints, and passes it on in whole lines if it consists of lines. */
export class LineBatches {
  private chunks: Buffer[] = [];
  private size = 0;
  private gathering: NodeJS.Timeout | undefined;
  private finishing: NodeJS.Timeout | undefined;

  /** `enough` is how many bytes are sent without waiting for more. */
  constructor(
    private readonly enough: number,
    private readonly send: (bytes: Buffer) => void,
  ) {}

  add(chunk: Buffer): void {
    clearTimeout(this.finishing);
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size >= this.enough) this.sendLines();
    else this.gathering ??= setTimeout(() => this.sendLines(), GATHER_MS);
  }

  /** Sends everything that is left, including an unfinished line. */
  flush(): void {
    const bytes = this.take();
    if (bytes.length > 0) this.send(bytes);
  }

  private sendLines(): void {
    const bytes = this.take();
    const end = wholeLines(bytes);
    const rest = bytes.subarray(end);
    if (end > 0) this.send(bytes.subarray(0, end));
    if (rest.length === 0) return;
    this.chunks.push(rest);
    this.size = rest.length;
    if (rest.length > LONG_LINE_BYTES) this.flush();
    else this.finishing = setTimeout(() => this.flush(), FINISH_LINE_MS);
  }

  private take(): Buffer {
    clearTimeout(this.gathering);
    clearTimeout(this.finishing);
    this.gathering = undefined;
    const [first = Buffer.alloc(0), ...more] = this.chunks;
    const bytes = more.length === 0 ? first : Buffer.concat([first, ...more], this.size);
    this.chunks = [];
    this.size = 0;
    return bytes;
  }
}
