import { once } from 'node:events';

/** Characters that are collected before they are written. */
const BATCH = 65_536;

/** Writes lines as they come, many at a time if they come fast, and makes the caller wait if the stream is full. */
export class Printer {
  private waiting = '';
  private timer: NodeJS.Immediate | undefined;
  /** Set while the stream is full: resolves when it has room again, and all that was collected meanwhile is written. */
  private room: Promise<void> | undefined;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  /** Returns a promise if the caller should wait before it prints more. */
  print(text: string): Promise<void> | undefined {
    this.waiting += text;
    if (this.waiting.length >= BATCH) return this.flush();
    if (!this.room) this.timer ??= setImmediate(() => void this.flush());
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
    if (this.room) return this.room;
    const { waiting } = this;
    this.waiting = '';
    if (waiting !== '' && !this.stream.write(waiting)) this.room = this.goOn();
    return this.room;
  }

  private async goOn(): Promise<void> {
    await drained(this.stream);
    this.room = undefined;
    await this.flush();
  }
}

/** Resolves when a full stream has room again. */
export async function drained(stream: NodeJS.WritableStream): Promise<void> {
  await once(stream, 'drain');
}
