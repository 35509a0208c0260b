import { type Deferred, deferred } from './deferred.ts';

/** Does something once for all who ask for it in the same turn of the event loop. */
export class Batch {
  private next: Deferred | null = null;

  constructor(private readonly act: () => void) {}

  /** True if it is still to be done. */
  get isDue(): boolean {
    return this.next !== null;
  }

  /** Resolves when it was done, in the next turn; rejects with what it throws. */
  soon(): Promise<void> {
    if (!this.next) {
      const next = deferred();
      this.next = next;
      setImmediate(() => {
        if (this.next === next) this.run(next);
      });
    }
    return this.next.promise;
  }

  /** It was done meanwhile. */
  done(): void {
    this.next?.resolve();
    this.next = null;
  }

  private run(next: Deferred): void {
    this.next = null;
    try {
      this.act();
      next.resolve();
    } catch (error) {
      next.reject(error);
    }
  }
}
