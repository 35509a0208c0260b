import type { OutputStream } from './io.ts';

/** Most commands are done by then, and show no progress at all. */
const QUIET_MS = 1000;

/** Shows progress on a line that is overwritten; only on a terminal, and only if it takes long. */
export class Progress {
  private readonly timer: NodeJS.Timeout | undefined;
  private text = '';
  private shown = false;

  constructor(private readonly stream: OutputStream) {
    if (stream.isTTY) this.timer = setTimeout(() => this.begin(), QUIET_MS).unref();
  }

  show(text: string): void {
    this.text = text;
    if (this.shown) this.draw();
  }

  /** Makes room for a line of another kind; the next text comes below that. */
  erase(): void {
    if (this.shown) this.stream.write('\r\x1b[K');
  }

  /** Erases the line. Nothing more is shown. */
  clear(): void {
    clearTimeout(this.timer);
    this.erase();
    this.shown = false;
  }

  private begin(): void {
    this.shown = true;
    this.draw();
  }

  private draw(): void {
    this.stream.write(`\r\x1b[K${this.text.slice(0, Math.max(10, (this.stream.columns || 80) - 1))}`);
  }
}
