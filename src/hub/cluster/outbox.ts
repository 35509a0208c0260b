import { EMPTY } from '../../rpc/frames.ts';
import type { News } from './introduced.ts';
import type { OtherHub } from './other-hubs.ts';

/** A message to another hub has about so much at most, unless one piece of news alone is larger. */
const MAX_BATCH_BYTES = 256 * 1024;

/** What another hub is to be told about drones: in order, and much of it in one message. */
export class Outbox {
  private news: News[] = [];
  private bodies: Buffer[] = [];
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Number.POSITIVE_INFINITY;
  private isFlushing = false;

  constructor(private readonly other: Pick<OtherHub, 'calls'>) {}

  /** Adds something that is told within so many milliseconds; 0 for at once, with what else there is in this turn. */
  add(news: News, withinMs: number, body = EMPTY): void {
    const bytes = JSON.stringify(news).length + body.length;
    if (this.bytes + bytes > MAX_BATCH_BYTES) this.flush();
    this.news.push(news);
    if (body.length > 0) this.bodies.push(body);
    this.bytes += bytes;
    if (withinMs === 0) this.flushSoon();
    else this.flushWithin(withinMs);
  }

  /** Tells all that was added. */
  flush(): void {
    clearTimeout(this.timer);
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.news.length === 0) return;
    const { news, bodies } = this;
    Object.assign(this, { news: [], bodies: [], bytes: 0 });
    this.other.calls.notify('drones.tell', { news }, Buffer.concat(bodies));
  }

  close(): void {
    clearTimeout(this.timer);
    Object.assign(this, { news: [], bodies: [], bytes: 0 });
  }

  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    setImmediate(() => {
      this.isFlushing = false;
      this.flush();
    });
  }

  private flushWithin(ms: number): void {
    const due = performance.now() + ms;
    if (due >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = due;
    this.timer = setTimeout(() => this.flush(), ms).unref();
  }
}
