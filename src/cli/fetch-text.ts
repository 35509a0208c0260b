import type { FetchState } from '../protocol/fetch.ts';

/** How long a pipe waits for its first line about fetches; each further one waits twice as long. */
const FIRST_NOTE_S = 10;

/** The fetches that a command waits for, and what is said about them. */
export class FetchText {
  private readonly fetches = new Map<string, { state: FetchState; startedAt: number }>();
  private nextNote = FIRST_NOTE_S;

  /** Takes how far a drone is; `now` is in milliseconds, of any clock that only goes forward. */
  add(drone: string, state: FetchState, now: number): void {
    if (state.step === 'done') this.fetches.delete(drone);
    else this.fetches.set(drone, { state, startedAt: now - state.elapsed });
  }

  /** Returns a line about the longest wait; an empty text if nothing is waited for. */
  line(now: number): string {
    const [first, ...others] = [...this.fetches].sort(([, a], [, b]) => a.startedAt - b.startedAt);
    if (!first) return '';
    const [drone, { state, startedAt }] = first;
    const who = others.length > 0 ? `${drone} and ${others.length} more` : drone;
    return `${who}: ${stepText(state)} (${secondsOf(now - startedAt)} s)`;
  }

  /** Returns the line for a reader that sees each line, when one is due; null otherwise. */
  due(now: number): string | null {
    const waited = Math.max(0, ...[...this.fetches.values()].map(({ startedAt }) => now - startedAt));
    if (secondsOf(waited) < this.nextNote) return null;
    while (secondsOf(waited) >= this.nextNote) this.nextNote *= 2;
    return this.line(now);
  }
}

function stepText({ step, percent }: FetchState): string {
  if (step === 'preparing') return 'the hub is preparing the commit';
  return `${step} the commit${percent === null ? '' : `, ${percent}%`}`;
}

const secondsOf = (ms: number) => Math.floor(ms / 1000);
