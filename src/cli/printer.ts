import { once } from 'node:events';

/** Characters that are collected before they are written. */
const BATCH = 65_536;

/** Writes lines as they come, many at a time if they come fast, and makes the caller wait if the stream is full. */
export class Printer {
  private waiting = '';
  private timer: NodeJS.Immediate | undefined;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  /** Returns a promise if the caller should wait before it prints more. */
  print(text: string): Promise<void> | undefined {
    this.waiting += text;
    if (this.waiting.length >= BATCH) return this.flush();
    this.timer ??= setImmediate(() => void this.flush());
    return undefined;
  }

  /** Writes what was collected, and this, so that something else can be written. */
  async finish(text: string): Promise<void> {
    this.waiting += text;
    await this.flush();
  }

  /** Writes what was collected. Returns a promise if there is no room for more. */
  flush(): Promise<void> | undefined {
    clearImmediate(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    this.waiting = '';
    return waiting === '' || this.stream.write(waiting) ? undefined : drained(this.stream);
  }
}

/** Resolves when a full stream has room again. */
export async function drained(stream: NodeJS.WritableStream): Promise<void> {
  await once(stream, 'drain');
}
