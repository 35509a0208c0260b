/** Lets a limited number through at once; the others wait, first come, first served. */
export class Semaphore {
  private inside = 0;
  private readonly line: (() => void)[] = [];

  /** After `longestMs` a place is given to the next one even if its holder has not left. */
  constructor(
    private readonly places: number,
    private readonly longestMs = Number.POSITIVE_INFINITY,
  ) {}

  /** Runs the work when there is a place, and settles as it does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Resolves when there is a place, to the function that releases it; calling that twice does no harm. */
  async enter(): Promise<() => void> {
    if (this.inside >= this.places) await new Promise<void>((resolve) => this.line.push(resolve));
    else this.inside++;
    return releasedOnce(() => {
      const next = this.line.shift();
      if (next) next();
      else this.inside--;
    }, this.longestMs);
  }

  get waiting(): number {
    return this.line.length;
  }
}

/** Returns the function that releases a place: once, also if it is called twice, and by itself after `longestMs`. */
export function releasedOnce(release: () => void, longestMs: number): () => void {
  let left = false;
  const leave = () => {
    if (left) return;
    left = true;
    clearTimeout(timer);
    release();
  };
  const timer = Number.isFinite(longestMs) ? setTimeout(leave, longestMs).unref() : undefined;
  return leave;
}
