/** Milliseconds that output is gathered before it is sent: many small messages cost more than a large one. */
const GATHER = 1;
/** Milliseconds that an unfinished line waits for its rest before it is sent as it is, and bytes that it may have. */
const FINISH_LINE = 20;
const LONG_LINE = 65_536;

const NEWLINE = 0x0a;

/** Gathers what a process prints, and sends it on in whole lines where it is lines. */
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
    else this.gathering ??= setTimeout(() => this.sendLines(), GATHER);
  }

  /** Sends all that is left, also an unfinished line. */
  flush(): void {
    const bytes = this.take();
    if (bytes.length > 0) this.send(bytes);
  }

  private sendLines(): void {
    const bytes = this.take();
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const rest = bytes.subarray(end);
    if (end > 0) this.send(bytes.subarray(0, end));
    if (rest.length === 0) return;
    this.chunks.push(rest);
    this.size = rest.length;
    if (rest.length > LONG_LINE) this.flush();
    else this.finishing = setTimeout(() => this.flush(), FINISH_LINE);
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
