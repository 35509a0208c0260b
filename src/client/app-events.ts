import type { AppEvent } from '../protocol/apps.ts';
import type { Notices } from '../protocol/notices.ts';
import { isResult } from '../protocol/release-text.ts';
import type { Link } from './link.ts';
import { Listener } from './listener.ts';
import { missedEnd } from './missed-end.ts';
import { missedScale } from './missed-scale.ts';
import { Queue } from './queue.ts';

/** Events that may wait for a reader. */
const MAX_EVENTS = 100_000;
const TYPES = new Set(['release', 'build', 'job', 'instance']);

/** A release to follow, from after the event with this number. */
export interface Followed {
  app: string;
  release: number;
  since: number;
  /** The state that ends it, of whichever release has it; by default, each of this release that is a result. */
  until?: string;
  /** In ms: how long after anything else has ended a scale is waited for. */
  within?: number | undefined;
  /** True if it may have ended before that. */
  mayBeOver?: boolean;
}

/**
 * Yields what happens to a release, and to the instances of its app, until it has ended. Reconnects if the connection is
 * lost, and resumes after the last event.
 */
export function followRelease(
  link: Link,
  { app, release, since, until, within, mayBeOver = false }: Followed,
  signal?: AbortSignal,
): AsyncGenerator<AppEvent, void> {
  const wanted = new Listener({ events: true, output: null, drones: null, since }, link.numbering);
  const queue = new Queue<AppEvent>(MAX_EVENTS);
  const onEvent = (event: Notices['event']) => {
    if (!wanted.takes(event)) return;
    if (!TYPES.has(event.type) || (event as { app?: string }).app !== app) return;
    const told = event as unknown as AppEvent;
    const state = told.type === 'release' ? told.state : null;
    const isLast = state !== null && (state === until || (until === undefined && isResult(state)));
    if (state !== null && state !== until && told.release !== release) return;
    queue.push(told);
    if (isLast) queue.end();
  };
  const fail = (error: unknown) => {
    // If the hub goes away during a call, `lost` is emitted, too.
    if (!(error instanceof Error && 'code' in error && error.code === 'ECLOSED')) queue.end(error);
  };
  const onLost = () => {
    link
      .reconnect(signal)
      .then(() => link.subscribe(wanted))
      .then(seeWhetherOver)
      .catch(fail);
  };
  const seeWhetherOver = async () => {
    if (until === undefined) endWith(await missedEnd(link, app, release));
  };
  const endWith = (end: AppEvent | null) => {
    if (!end) return;
    queue.push(end);
    queue.end();
  };
  const abort = () => queue.end();
  link.on('event', onEvent).on('lost', onLost);
  signal?.addEventListener('abort', abort, { once: true });
  link
    .connect()
    .then(() => link.subscribe(wanted))
    .then(() => (mayBeOver ? seeWhetherOver() : null))
    .catch(fail);
  if (until === 'scaled') {
    const status = async (named: { repo: string; stage: string | null }) =>
      (await link.call('app.status', named)).result;
    missedScale({ app, within, status, isOver: () => queue.isEnded })
      .then(endWith)
      .catch(fail);
  }
  return queue.read(() => {
    link.unsubscribe(wanted);
    link.off('event', onEvent).off('lost', onLost);
    signal?.removeEventListener('abort', abort);
  });
}
