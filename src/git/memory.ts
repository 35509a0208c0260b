import { FleetError } from '../protocol/errors.ts';
import type { GitLimits } from './limits.ts';

/** With less, a git is of no use. */
const LEAST_BYTES = 32 * 1024 ** 2;
/** How long a git that has to wait for memory does so. */
const WAIT_MS = 60_000;

/** Memory that one git may use. */
export interface Grant {
  readonly bytes: number;
  /** Calling it twice does no harm. */
  giveBack(): void;
}

interface Waiting {
  whose: string | null;
  take(bytes: number): void;
}

/**
 * Returns how much memory the next git gets; null for none. All gits have a total, of which those of one token have half of what
 * the others leave. The first gits get what a git may use; the fuller it is, the less those that follow get: half of the rest.
 */
export function grantOf(
  { memoryBytes, allBytes }: Pick<GitLimits, 'memoryBytes' | 'allBytes'>,
  given: ReadonlyMap<string | null, number>,
  whose: string | null,
): number | null {
  const own = given.get(whose) ?? 0;
  const others = [...given.values()].reduce((sum, bytes) => sum + bytes, 0) - own;
  const part = whose === null ? allBytes - others : Math.floor((allBytes - others) / 2);
  const room = part - own;
  const least = Math.min(LEAST_BYTES, memoryBytes);
  return room < least ? null : Math.min(memoryBytes, Math.max(least, Math.floor(room / 2)));
}

/** What all gits of a hub may use together. */
export class GitMemory {
  private readonly given = new Map<string | null, number>();
  private readonly line: Waiting[] = [];

  constructor(private readonly limits: Pick<GitLimits, 'memoryBytes' | 'allBytes'>) {}

  /** Resolves when there is memory for a git of `whose`; null is whoever has no token. Rejects with ELIMIT after a minute. */
  async take(whose: string | null): Promise<Grant> {
    const bytes = await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.line.splice(this.line.indexOf(waiting), 1);
        reject(new FleetError('ELIMIT', 'the gits of this hub use all the memory that they may; try again'));
      }, WAIT_MS);
      const waiting: Waiting = {
        whose,
        take: (granted) => {
          clearTimeout(timer);
          resolve(granted);
        },
      };
      this.line.push(waiting);
      this.serve();
    });
    let isGiven = true;
    const giveBack = () => {
      if (!isGiven) return;
      isGiven = false;
      this.count(whose, -bytes);
      this.serve();
    };
    return { bytes, giveBack };
  }

  private serve(): void {
    for (const waiting of [...this.line]) {
      const bytes = grantOf(this.limits, this.given, waiting.whose);
      if (bytes === null) continue;
      this.line.splice(this.line.indexOf(waiting), 1);
      this.count(waiting.whose, bytes);
      waiting.take(bytes);
    }
  }

  private count(whose: string | null, by: number): void {
    const has = (this.given.get(whose) ?? 0) + by;
    if (has > 0) this.given.set(whose, has);
    else this.given.delete(whose);
  }
}
