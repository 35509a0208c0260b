import type { OutputStream } from './io.ts';

/** Milliseconds for which nothing is shown: most of what is done is done by then. */
const QUIET = 1000;

/** What is going on, as one line that is written over, on a terminal only, and only when it takes long. */
export class Progress {
  private readonly timer: NodeJS.Timeout | undefined;
  private text = '';
  private shown = false;

  constructor(private readonly stream: OutputStream) {
    if (stream.isTTY) this.timer = setTimeout(() => this.begin(), QUIET).unref();
  }

  show(text: string): void {
    this.text = text;
    if (this.shown) this.draw();
  }

  /** Wipes the line away; nothing more is shown. */
  clear(): void {
    clearTimeout(this.timer);
    if (this.shown) this.stream.write('\r\x1b[K');
    this.shown = false;
  }

  private begin(): void {
    this.shown = true;
    this.draw();
  }

  private draw(): void {
    this.stream.write(`\r\x1b[K${this.text.slice(0, Math.max(10, (this.stream.columns ?? 80) - 1))}`);
  }
}
