import { releasedOnce } from './semaphore.ts';

/** Whoever waits, and what lets them in. */
interface Waiting {
  whose: string | null;
  enter(): void;
}

/**
 * Lets a limited number through at once, and of those with one name at most half of it; of those who wait, whoever has the
 * fewest inside is next. So however many come with one name, others need not wait for them.
 */
export class FairSemaphore {
  private inside = 0;
  private readonly insideOf = new Map<string | null, number>();
  private readonly line: Waiting[] = [];
  private readonly mostOfOne: number;

  /** After `longestMs` a place is given to the next one even if its holder has not left. */
  constructor(
    private readonly places: number,
    private readonly longestMs = Number.POSITIVE_INFINITY,
  ) {
    this.mostOfOne = Math.ceil(places / 2);
  }

  /**
   * Resolves when there is a place, to the function that releases it; calling that twice does no harm. Whoever has no name
   * may have all places.
   */
  async enter(whose: string | null): Promise<() => void> {
    await new Promise<void>((enter) => {
      this.line.push({ whose, enter });
      this.admit();
    });
    return releasedOnce(() => {
      this.count(whose, -1);
      this.admit();
    }, this.longestMs);
  }

  private admit(): void {
    while (this.inside < this.places) {
      const next = this.next();
      if (next === undefined) return;
      this.line.splice(this.line.indexOf(next), 1);
      this.count(next.whose, 1);
      next.enter();
    }
  }

  private next(): Waiting | undefined {
    let found: Waiting | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const one of this.line) {
      const has = this.insideOf.get(one.whose) ?? 0;
      if (has >= fewest || (one.whose !== null && has >= this.mostOfOne)) continue;
      [found, fewest] = [one, has];
    }
    return found;
  }

  private count(whose: string | null, by: 1 | -1): void {
    this.inside += by;
    const has = (this.insideOf.get(whose) ?? 0) + by;
    if (has > 0) this.insideOf.set(whose, has);
    else this.insideOf.delete(whose);
  }
}
