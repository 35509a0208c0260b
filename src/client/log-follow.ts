import type { LogMark } from '../protocol/answers.ts';
import type { Interest } from '../protocol/events.ts';
import { EVERYTHING, NOTHING } from '../protocol/interest.ts';
import { MAX_BUFFERED_BYTES } from '../protocol/limits.ts';
import type { Notices } from '../protocol/notices.ts';
import { linesOf } from '../system/lines.ts';
import type { Link } from './link.ts';
import { Listener } from './listener.ts';
import { LogCursor, markItems } from './log-cursor.ts';
import { listMatching, logFilter } from './log-select.ts';
import type { LogItem } from './log-types.ts';
import { Queue } from './queue.ts';
import { parseProcess } from './select.ts';
import type { LogsOptions } from './types.ts';

/** A log that is followed: read up to `cursor.offset`, and known to extend at least to `end`. */
interface Followed {
  cursor: LogCursor;
  end: number;
  /** The number of the newest mark that it is known to have. */
  marked: number;
  busy: boolean;
}

/**
 * Subscribes now, and returns a function that takes how far each log was read and streams what comes after, each line
 * once. A piece that continues where the last one ended is shown as it arrives. If there is a gap (a slow reader, a lost
 * connection, a drone that was away), the missing part is read from the drone's disk.
 */
export async function follow(
  link: Link,
  options: LogsOptions,
): Promise<(cursors: LogCursor[]) => AsyncGenerator<LogItem, void>> {
  const follower = new Follower(link, options);
  await follower.subscribe();
  return (cursors) => follower.run(cursors);
}

function interestOf({ ids, repo }: LogsOptions): Interest {
  if (ids?.length) return { ...NOTHING, ids: ids.map((one) => parseProcess(one).id) };
  return repo === undefined ? EVERYTHING : { ...NOTHING, repos: [repo] };
}

class Follower {
  private readonly queue = new Queue<LogItem>(MAX_BUFFERED_BYTES);
  private readonly logs = new Map<string, Followed>();
  private readonly matches: ReturnType<typeof logFilter>;
  private readonly wanted: Listener;
  /** Logs of which the hub was asked. */
  private readonly asked = new Set<string>();
  /** False while the past is still being read: until then, pieces only tell how far each log extends. */
  private live = false;

  constructor(
    private readonly link: Link,
    private readonly options: LogsOptions,
  ) {
    this.matches = logFilter(options);
    this.wanted = new Listener({ events: false, output: interestOf(options), drones: null });
    options.signal?.addEventListener('abort', () => this.queue.end(), { once: true });
    link.on('output', this.onOutput).on('joined', this.onJoined).on('lost', this.onLost);
  }

  async subscribe(): Promise<void> {
    await this.link.subscribe(this.wanted);
  }

  async *run(cursors: LogCursor[]): AsyncGenerator<LogItem, void> {
    this.live = true;
    for (const cursor of cursors)
      this.logs.set(cursor.key, { end: 0, marked: 0, ...this.logs.get(cursor.key), cursor, busy: false });
    for (const log of this.logs.values()) this.catchUp(log);
    const { link } = this;
    yield* this.queue.read(() => {
      link.unsubscribe(this.wanted);
      link.off('output', this.onOutput).off('joined', this.onJoined).off('lost', this.onLost);
    });
  }

  private readonly onOutput = (piece: Notices['output'], body: Buffer): void => {
    if (!this.matches(piece.drone, piece) || this.isUnknown(piece)) return;
    const log = this.logOf(piece.drone, piece);
    extend(log, piece.to, piece.marks);
    if (piece.begun !== undefined) return this.onUnfinished(log, piece, body);
    const { cursor } = log;
    const text = body.toString();
    const isWhole = text.endsWith('\n') || (piece.marks !== undefined && log.end === piece.to);
    const fits = cursor.offset === piece.from && !cursor.isWithinLine && isWhole;
    if (!this.live || log.busy || !fits || !this.queue.hasRoom) return this.catchUp(log);
    cursor.offset = piece.to;
    const { drone, id, time } = piece;
    for (const line of linesOf(text))
      this.queue.push({ kind: 'line', drone, id, line, time }, line.length + 100);
    for (const item of (piece.marks ?? []).flatMap((mark) => markItems(drone, id, mark)))
      this.queue.push(item);
    cursor.marked = Math.max(cursor.marked, log.marked);
  };

  private onUnfinished(log: Followed, piece: Notices['output'], body: Buffer): void {
    const items = this.live && !log.busy && this.queue.hasRoom ? log.cursor.more(piece, body) : null;
    if (!items) return this.catchUp(log);
    for (const item of items) this.queue.push(item, body.length + 100);
  }

  /** Returns true for a log of which only the hub can say whether it is of the service or the release; asks once for each. */
  private isUnknown({ drone, id }: Notices['output']): boolean {
    const { service, stage, release } = this.options;
    const key = `${drone}#${id}`;
    const isForHub = [service, stage, release].some((given) => given !== undefined);
    if (!isForHub || this.logs.has(key)) return false;
    if (this.live && !this.asked.has(key)) {
      this.asked.add(key);
      void this.readAgain([drone]);
    }
    return true;
  }

  private readonly onJoined = ({ drone }: Notices['joined']): void => void this.readAgain([drone]);

  private readonly onLost = (): void => {
    const again = async () => {
      await this.link.reconnect(this.options.signal);
      await this.subscribe();
      await this.readAgain(null);
    };
    again().catch((error: unknown) => {
      // If it was lost again meanwhile, `lost` was emitted again.
      if (!(error instanceof Error && 'code' in error && error.code === 'ECLOSED')) this.queue.end(error);
    });
  };

  /** Catches up with everything that the named drones have, or all drones for null. */
  private async readAgain(drones: string[] | null): Promise<void> {
    try {
      const { logs } = await listMatching(this.link, this.options, drones);
      for (const { drone, info } of logs) {
        const log = this.logOf(drone, info);
        log.end = Math.max(log.end, info.end);
        log.marked = Math.max(log.marked, info.marked ?? 0);
        this.catchUp(log);
      }
    } catch {
      // The connection is gone again; this runs once more when it is back.
    }
  }

  private logOf(drone: string, info: LogCursor['info']): Followed {
    const key = `${drone}#${info.id}`;
    let log = this.logs.get(key);
    if (!log) {
      const cursor = new LogCursor(this.link, drone, info, { kind: 'offset', offset: 0 }, 'waits');
      log = { cursor, end: 0, marked: 0, busy: false };
      this.logs.set(key, log);
    }
    return log;
  }

  /** Reads from the drone's disk until nothing is missing, at the reader's pace. */
  private catchUp(log: Followed): void {
    if (!this.live || log.busy) return;
    log.busy = true;
    const read = async () => {
      while (!this.queue.isEnded && isBehind(log)) {
        await this.queue.untilRoom();
        for (const item of await log.cursor.next()) this.queue.push(item, sizeOf(item));
        if (log.cursor.isStuck) break; // An unfinished line: its end will be told.
      }
    };
    read()
      .catch(() => {}) // The drone or the hub is away: `joined` or `lost` bring this back.
      .finally(() => {
        log.busy = false;
      });
  }
}

/** Returns about how much memory an item takes. */
function sizeOf(item: LogItem): number {
  if (item.kind === 'line') return item.line.length + 100;
  return item.kind === 'unfinished' ? item.text.length + 100 : 100;
}

/** Notes how far a log extends. */
function extend(log: Followed, to: number, marks: readonly LogMark[] = []): void {
  log.end = Math.max(log.end, to, ...marks.map(({ at }) => at));
  log.marked = Math.max(log.marked, ...marks.map(({ number }) => number));
}

function isBehind({ cursor, end, marked }: Followed): boolean {
  return (cursor.offset ?? -1) < end || cursor.marked < marked;
}
