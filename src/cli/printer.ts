import { once } from 'node:events';

/** Characters that are written at once, at most. */
const BATCH = 65_536;

/** Writes lines as they come, many with one write where they come fast, and holds the caller back when it must. */
export class Printer {
  private waiting = '';
  private timer: NodeJS.Immediate | undefined;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  /** A promise where the caller should wait before it prints more. */
  print(text: string): Promise<void> | undefined {
    this.waiting += text;
    if (this.waiting.length >= BATCH) return this.flush();
    this.timer ??= setImmediate(() => void this.flush());
    return undefined;
  }

  /** Writes what waits; a promise where there is no room for more. */
  flush(): Promise<void> | undefined {
    clearImmediate(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    this.waiting = '';
    return waiting === '' || this.stream.write(waiting) ? undefined : drained(this.stream);
  }
}

/** Resolves when a stream that was full has room again. */
export async function drained(stream: NodeJS.WritableStream): Promise<void> {
  await once(stream, 'drain');
}
