/** A queue between a producer that pushes and a consumer that iterates. */
export class Queue<T> {
  private readonly items: { item: T; size: number }[] = [];
  private size = 0;
  private ended: { error: unknown } | null = null;
  private wakeReader: (() => void) | undefined;
  private wakeWriters: (() => void)[] = [];

  /** `room` is in the unit of `size`. */
  constructor(private readonly room: number) {}

  get hasRoom(): boolean {
    return this.size < this.room;
  }

  push(item: T, size = 1): void {
    if (this.ended) return;
    this.items.push({ item, size });
    this.size += size;
    this.wakeReader?.();
  }

  /** Resolves when there is room, or the queue has ended. */
  async untilRoom(): Promise<void> {
    while (!this.hasRoom && !this.ended) await new Promise<void>((resolve) => this.wakeWriters.push(resolve));
  }

  /** Ends the queue. The reader gets what is queued, and then the error, if there is one. */
  end(error?: unknown): void {
    this.ended ??= { error };
    this.wakeReader?.();
    this.wake();
  }

  get isEnded(): boolean {
    return this.ended !== null;
  }

  /** Iterates over the items; can be used once. Leaving the loop runs `leave`. */
  async *read(leave: () => void = () => {}): AsyncGenerator<T, void> {
    try {
      for (;;) {
        const next = this.items.shift();
        if (next) {
          this.size -= next.size;
          if (this.hasRoom) this.wake();
          yield next.item;
        } else if (this.ended) {
          if (this.ended.error !== undefined) throw this.ended.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.wakeReader = resolve;
          });
        }
      }
    } finally {
      this.end();
      leave();
    }
  }

  private wake(): void {
    const writers = this.wakeWriters;
    this.wakeWriters = [];
    for (const write of writers) write();
  }
}
