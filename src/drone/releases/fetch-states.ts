import type { FetchStep } from '../../git/mirror.ts';
import type { FetchState } from '../../protocol/fetch.ts';

type Commit = { repo: string; commit: string };

/** A fetch that goes on. */
interface Fetch {
  of: Commit;
  startedAt: number;
  step: FetchStep;
  /** The step that was told last. */
  told: FetchStep | null;
}

/** Most fetches are done by then, and nobody is told of them. */
const TELL_EVERY_MS = 1_000;

/** Tells how far fetches are, if they take long. */
export class FetchStates {
  private readonly fetches = new Set<Fetch>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly tell: (state: Commit & FetchState) => void) {}

  /** Settles as `work` does, which calls `onStep` with each step of a fetch. */
  async follow<T>(
    { repo, commit }: Commit,
    work: (onStep: (step: FetchStep) => void) => Promise<T>,
  ): Promise<T> {
    const step: FetchStep = { step: 'preparing', percent: null };
    const fetch: Fetch = { of: { repo, commit }, startedAt: performance.now(), step, told: null };
    this.fetches.add(fetch);
    this.timer ??= setInterval(() => this.tellAll(), TELL_EVERY_MS).unref();
    try {
      return await work((next) => {
        fetch.step = next;
      });
    } finally {
      this.fetches.delete(fetch);
      if (fetch.told) this.tell({ ...fetch.of, step: 'done', percent: null, elapsed: elapsedOf(fetch) });
      if (this.fetches.size === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
      }
    }
  }

  private tellAll(): void {
    for (const fetch of this.fetches) {
      const { of, step, told } = fetch;
      if (told?.step === step.step && told.percent === step.percent) continue;
      fetch.told = step;
      this.tell({ ...of, ...step, elapsed: elapsedOf(fetch) });
    }
  }
}

function elapsedOf({ startedAt }: Fetch): number {
  return Math.round(performance.now() - startedAt);
}
