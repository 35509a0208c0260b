import type { LogInfo, LogPage } from '../protocol/answers.ts';
import type { ClientParams } from '../protocol/client-calls.ts';
import { linesOf } from '../system/lines.ts';
import type { Link } from './link.ts';
import type { LogItem } from './types.ts';

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

/** Reads a process's log forward, page by page. Offsets never change, so reading can resume at any time. */
export class LogCursor {
  /** Where to read on; undefined until the first page. */
  offset: number | undefined;
  /** Lines that the cap had removed when the log was last read. */
  dropped = 0;

  constructor(
    private readonly link: Link,
    readonly drone: string,
    readonly info: Pick<LogInfo, 'id' | 'repo' | 'commit'>,
    private readonly first: Place,
  ) {}

  get key(): string {
    return `${this.drone}#${this.info.id}`;
  }

  /** Returns the lines of the next page, after a note of what was removed before them; empty if there is nothing new. */
  async next(): Promise<LogItem[]> {
    const at: Place = this.offset === undefined ? this.first : { kind: 'offset', offset: this.offset };
    const { result: page, body } = await this.link.call('logs.read', {
      drone: this.drone,
      id: this.info.id,
      at,
      limit: PAGE,
    });
    const items = this.missed(page);
    this.offset = page.to;
    this.dropped = page.dropped;
    return [...items, ...this.lines(page, body.toString())];
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

  private lines(page: LogPage, text: string): LogItem[] {
    const { drone, info } = this;
    let offset = page.from;
    let record = 0;
    let time = timeAt(page.times, offset);
    return linesOf(text).map((line) => {
      for (let next = page.times[record]; next && next[0] <= offset; next = page.times[++record])
        time = next[1];
      offset += Buffer.byteLength(line) + 1;
      return { kind: 'line', drone, id: info.id, line, time };
    });
  }
}
