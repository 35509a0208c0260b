import type { LogInfo, LogMark, LogPage } from '../protocol/answers.ts';
import type { ClientParams } from '../protocol/client-calls.ts';
import { MAX_LINE_BYTES } from '../protocol/limits.ts';
import { linesOf, wholeLines } from '../system/lines.ts';
import type { Link } from './link.ts';
import type { LogItem } from './log-types.ts';

/** Bytes requested at a time. */
export const PAGE = 256 * 1024;

type Place = ClientParams['logs.read']['at'];

/** Returns the time of the line at `offset`: that of the last record at or before it. */
export function timeAt(times: LogPage['times'], offset: number): number {
  let time = times[0]?.[1] ?? 0;
  for (const [at, ms] of times) {
    if (at > offset) break;
    time = ms;
  }
  return time;
}

/** The mark of a number that is too low. */
function missing({ atLeast }: LogPage): { atLeast?: boolean } {
  return atLeast ? { atLeast } : {};
}

/** Returns the item of a mark; none for a kind that this version does not know. */
export function markItems(drone: string, id: string, mark: LogMark): LogItem[] {
  const { type, time, code, signal, error } = mark;
  if (type === 'restarted') return [{ kind: 'restarted', drone, id, time }];
  if (type !== 'exited') return [];
  return [{ kind: 'exited', drone, id, time, code, signal, ...(error !== undefined && { error }) }];
}

/** Reads a process's log forward, page by page. Offsets never change, so reading can resume at any time. */
export class LogCursor {
  /** Where to read on; undefined until the first page. */
  offset: number | undefined;
  /** Lines that the cap had removed when the log was last read. */
  dropped = 0;
  /** The number of the newest mark that was read. */
  marked = 0;
  /** The beginning of a line whose end is on the next page. */
  private rest: Buffer[] = [];

  constructor(
    private readonly link: Link,
    readonly drone: string,
    readonly info: Pick<LogInfo, 'id' | 'repo' | 'commit'>,
    private readonly first: Place,
  ) {}

  /** True while the beginning of a line is held back. */
  get isWithinLine(): boolean {
    return this.rest.length > 0;
  }

  get key(): string {
    return `${this.drone}#${this.info.id}`;
  }

  /** Returns the lines of the next page, after a note of what was removed before them; empty if there is nothing new. */
  async next(): Promise<LogItem[]> {
    for (;;) {
      const { items, hasMore } = await this.page();
      if (items.length > 0 || !hasMore) return items;
    }
  }

  /** Reads a page. Returns what it completes, and whether it ends within a line that goes on. */
  private async page(): Promise<{ items: LogItem[]; hasMore: boolean }> {
    const at: Place = this.offset === undefined ? this.first : { kind: 'offset', offset: this.offset };
    const { result: page, body } = await this.link.call('logs.read', {
      drone: this.drone,
      id: this.info.id,
      at,
      limit: PAGE,
      unfinished: true,
      marks: true,
    });
    const items = this.missed(page);
    const marks = this.unseen(page);
    this.offset = page.to;
    this.dropped = page.dropped;
    const held = this.rest.reduce((sum, { length }) => sum + length, 0);
    const bytes = items.length > 0 ? body : Buffer.concat([...this.rest, body]);
    const isSplit = page.to < page.end && page.to > page.from && bytes.length < MAX_LINE_BYTES;
    const whole = isSplit ? wholeLines(bytes) : bytes.length;
    this.rest = whole < bytes.length ? [Buffer.from(bytes.subarray(whole))] : [];
    const from = items.length > 0 ? page.from : page.from - held;
    return {
      items: [...items, ...this.lines(page, from, bytes.toString('utf8', 0, whole), marks)],
      hasMore: isSplit,
    };
  }

  /** Returns a note of lines that should have been shown and are gone. */
  private missed(page: LogPage): LogItem[] {
    const { drone, info } = this;
    const first = this.offset === undefined;
    // On the first page, lines are missing only if it begins at the start of what is kept.
    const lines = first ? (page.from <= page.start ? page.dropped : 0) : page.dropped - this.dropped;
    const cut = first ? lines > 0 && this.first.kind !== 'since' : page.from > (this.offset ?? 0);
    return cut && lines > 0 ? [{ kind: 'dropped', drone, id: info.id, lines, ...missing(page) }] : [];
  }

  /** Returns the marks of a page that were not read before, without those that end the part before the first page. */
  private unseen({ from, to, start, marks = [] }: LogPage): LogMark[] {
    const isTail = this.offset === undefined && this.first.kind === 'tail' && from > start && to > from;
    const unseen = marks.filter(({ number, at }) => number > this.marked && !(isTail && at <= from));
    this.marked = marks.at(-1)?.number ?? this.marked;
    return unseen;
  }

  /** Returns the lines of a text that begins at `from`, with the marks between them. */
  private lines(page: LogPage, from: number, text: string, marks: LogMark[]): LogItem[] {
    const { drone, info } = this;
    const items: LogItem[] = [];
    let offset = from;
    let record = 0;
    let mark = 0;
    let time = timeAt(page.times, offset);
    for (const line of linesOf(text)) {
      for (let next = marks[mark]; next && next.at <= offset; next = marks[++mark])
        items.push(...markItems(drone, info.id, next));
      for (let next = page.times[record]; next && next[0] <= offset; next = page.times[++record])
        time = next[1];
      offset += Buffer.byteLength(line) + 1;
      items.push({ kind: 'line', drone, id: info.id, line, time });
    }
    return [...items, ...marks.slice(mark).flatMap((next) => markItems(drone, info.id, next))];
  }
}
