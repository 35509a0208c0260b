import type { Interest } from '../protocol/events.ts';
import { EVERYTHING } from '../protocol/interest.ts';
import { MAX_BUFFERED_BYTES, MAX_LINE_BYTES } from '../protocol/limits.ts';
import type { Notices } from '../protocol/notices.ts';
import { LineBuffer, linesOf } from '../system/lines.ts';
import type { Link } from './link.ts';
import { Listener } from './listener.ts';
import { Queue } from './queue.ts';
import type { MonitorItem } from './types.ts';

/** Cuts pieces of logs into lines; the unfinished last line of a process waits for its rest, up to MAX_LINE_BYTES. */
export class LineCutter {
  private readonly unfinished = new Map<string, LineBuffer>();
  /** How far an unfinished line was shown. */
  private readonly shown = new Map<string, number>();

  cut(key: string, piece: Buffer): string[] {
    this.shown.delete(key);
    const buffer = this.unfinished.get(key) ?? new LineBuffer();
    const whole = buffer.push(piece);
    const long = buffer.length > MAX_LINE_BYTES ? buffer.end() : Buffer.alloc(0);
    const lines = linesOf(Buffer.concat([whole, long]).toString());
    if (buffer.isEmpty) this.unfinished.delete(key);
    else this.unfinished.set(key, buffer);
    return lines;
  }

  /** Returns true if a preview is to be shown: it continues what was shown of its line, or begins that. */
  follows(key: string, { begun, from, to }: { begun?: number; from: number; to: number }): boolean {
    if (this.unfinished.has(key) || from !== (this.shown.get(key) ?? begun)) return false;
    this.shown.set(key, to);
    return true;
  }

  /** Forgets the unfinished line: its end was dropped. */
  drop(key: string): void {
    this.unfinished.delete(key);
    this.shown.delete(key);
  }
}

export interface Monitored {
  /** Names; null for all drones. */
  drones: string[] | null;
  /** Whose output; null for events alone. */
  output?: Interest | null;
  /** Called once, when what happens from now on will be yielded. */
  begun?(): void;
  signal?: AbortSignal | undefined;
}

/**
 * Yields events and output of drones until `signal` aborts or the iteration ends. Reconnects if the connection is lost,
 * and resumes events after the last one. A reader that is too slow misses lines and is told how many.
 */
export function monitor(
  link: Link,
  { drones, output = EVERYTHING, begun = () => {}, signal }: Monitored,
): AsyncGenerator<MonitorItem, void> {
  const wanted = new Listener({ events: true, output, drones });
  const isMeant = (drone: string) => !drones || drones.includes(drone);
  const queue = new Queue<MonitorItem>(MAX_BUFFERED_BYTES);
  const cutter = new LineCutter();
  let dropped = 0;

  const push = (item: MonitorItem, size = 100) => {
    if (dropped > 0 && queue.hasRoom) {
      queue.push({ kind: 'dropped', lines: dropped });
      dropped = 0;
    }
    queue.push(item, size);
  };
  const onEvent = (event: Notices['event']) => {
    if (!wanted.takes(event)) return;
    if (!('drone' in event) || isMeant(String(event.drone))) push({ kind: 'event', event });
  };
  const subscribe = async () => {
    const answer = await link.subscribe(wanted);
    if (answer !== null && answer.missed !== 0) push({ kind: 'missed', events: answer.missed });
  };
  const onDropped = (dropped: Notices['dropped']) => push({ kind: 'dropped', ...dropped });
  const onOutput = ({ drone, id, time, dropped: skipped, ...rest }: Notices['output'], body: Buffer) => {
    if (!isMeant(drone)) return;
    const key = `${drone}#${id}`;
    if (skipped > 0) {
      cutter.drop(key);
      push({ kind: 'dropped', lines: skipped, ...(rest.atLeast ? { atLeast: true } : {}) });
    }
    if (rest.begun !== undefined) {
      if (queue.hasRoom && cutter.follows(key, rest))
        push({ kind: 'unfinished', drone, id, text: body.toString(), time }, body.length);
      return;
    }
    const lines = cutter.cut(key, body);
    if (lines.length === 0) return;
    if (queue.hasRoom) push({ kind: 'lines', drone, id, lines, time }, body.length);
    else dropped += lines.length;
  };
  const onLost = () => {
    push({ kind: 'connection', connected: false });
    const again = async (): Promise<void> => {
      await link.reconnect(signal);
      await subscribe();
      push({ kind: 'connection', connected: true });
    };
    // If the hub goes away during this, `lost` is emitted again.
    again().catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ECLOSED')) queue.end(error);
    });
  };
  link.on('event', onEvent).on('dropped', onDropped).on('output', onOutput).on('lost', onLost);
  const abort = () => queue.end();
  signal?.addEventListener('abort', abort, { once: true });
  link
    .connect()
    .then(subscribe)
    .then(begun)
    .catch((error: unknown) => queue.end(error));
  return queue.read(() => {
    link.unsubscribe(wanted);
    link.off('event', onEvent).off('dropped', onDropped).off('output', onOutput).off('lost', onLost);
    signal?.removeEventListener('abort', abort);
  });
}
