import type { LogInfo, LogMark, LogPage } from '../protocol/answers.ts';
import type { ClientParams } from '../protocol/client-calls.ts';
import { MAX_LINE_BYTES } from '../protocol/limits.ts';
import type { Notices } from '../protocol/notices.ts';
import { linesOf, utf8Length, wholeLines } from '../system/lines.ts';
import type { Link } from './link.ts';
import type { LogItem } from './log-types.ts';

/** Bytes requested at a time. */
export const PAGE = 256 * 1024;

/** What becomes of an unfinished last line: it is a line like the others, or waits for its end and is shown meanwhile. */
type Unfinished = 'line' | 'waits';

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
  /** True if the last page did not go beyond the one before: what a drone says can be wrong, and must not be asked for ever. */
  isStuck = false;
  /** The number of the newest mark that was read. */
  marked = 0;
  /** The beginning of a line whose end is on the next page, or was not written yet. */
  private rest: Buffer[] = [];
  /** How many bytes of that were shown. */
  private shown = 0;

  constructor(
    private readonly link: Link,
    readonly drone: string,
    readonly info: Pick<LogInfo, 'id' | 'repo' | 'commit'>,
    private readonly first: Place,
    private readonly unfinished: Unfinished = 'line',
  ) {}

  /** True while the beginning of a line is held back. */
  get isWithinLine(): boolean {
    return this.rest.length > 0;
  }

  /** Takes more of the unfinished line, if it continues what was read. Returns what is new; null if it does not continue it. */
  more({ begun, from, to, time }: Notices['output'], body: Buffer): LogItem[] | null {
    if (from !== this.offset || begun !== from - this.held) return null;
    this.rest.push(Buffer.from(body));
    this.offset = to;
    return this.showRest(time);
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
    this.isStuck = this.offset !== undefined && page.to <= this.offset;
    this.offset = page.to;
    this.dropped = page.dropped;
    const { held } = this;
    const bytes = items.length > 0 ? body : Buffer.concat([...this.rest, body]);
    const isShort = bytes.length < MAX_LINE_BYTES;
    const isSplit = isShort && page.to < page.end && page.to > page.from;
    const waits = isShort && page.begun !== undefined && this.unfinished === 'waits';
    const whole = isSplit || waits ? wholeLines(bytes) : bytes.length;
    if (whole > 0) this.shown = 0;
    this.rest = whole < bytes.length ? [Buffer.from(bytes.subarray(whole))] : [];
    const from = items.length > 0 ? page.from : page.from - held;
    const lines = this.lines(page, from, bytes.toString('utf8', 0, whole), marks);
    const last = waits ? this.showRest(timeAt(page.times, page.begun ?? from)) : [];
    return { items: [...items, ...lines, ...last], hasMore: isSplit && !this.isStuck };
  }

  /** How many bytes of the line are held back. */
  private get held(): number {
    return this.rest.reduce((sum, { length }) => sum + length, 0);
  }

  /** Returns what of the unfinished line was not shown yet. */
  private showRest(time: number): LogItem[] {
    const bytes = Buffer.concat(this.rest);
    const to = utf8Length(bytes);
    const text = bytes.toString('utf8', this.shown, to);
    if (text === '') return [];
    this.shown = to;
    const { drone, info } = this;
    return [{ kind: 'unfinished', drone, id: info.id, text, time }];
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
