import type { LogItem } from './log-types.ts';

/** A line of a log, finished or not, or what happened to its process between two lines. */
export type Entry = Extract<LogItem, { time: number }>;

/** Returns true if an item has its place among the lines. */
export function isEntry(item: LogItem): item is Entry {
  return 'time' in item;
}

/**
 * Returns the last `count` lines, and the marks between and behind them, at most as many, which do not count as lines:
 * of a process that ends again and again without a word, there may be any number.
 */
export function tailOf(entries: readonly Entry[], count: number): Entry[] {
  const tail: Entry[] = [];
  let lines = 0;
  let marks = 0;
  for (let at = entries.length - 1; at >= 0 && lines < count; at--) {
    const entry = entries[at] as Entry;
    if (isLine(entry)) lines++;
    else if (++marks > count) continue;
    tail.push(entry);
  }
  return tail.reverse();
}

/** Yields the tail of a stream, after the notes about missing lines. */
export async function* newest(items: AsyncIterable<LogItem>, count: number): AsyncGenerator<LogItem, void> {
  const others: LogItem[] = [];
  let entries: Entry[] = [];
  let older = 0;
  for await (const item of items) {
    if (!isEntry(item)) others.push(item);
    else if (entries.push(item) > 4 * count + 1000) {
      const kept = tailOf(entries, count);
      older += linesIn(entries) - linesIn(kept);
      entries = kept;
    }
  }
  // If there are more lines than requested, the removed ones would not have been shown anyway.
  const isShort = older + linesIn(entries) <= count;
  yield* others.filter(({ kind }) => kind !== 'dropped' || isShort);
  yield* tailOf(entries, count);
}

function linesIn(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + (isLine(entry) ? 1 : 0), 0);
}

function isLine({ kind }: Entry): boolean {
  return kind === 'line' || kind === 'unfinished';
}
