import { setTimeout as sleep } from 'node:timers/promises';
import { appName } from '../../protocol/app-names.ts';
import type { ClientCall } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import { randomBytes } from '../../system/random.ts';
import { demandRepo, type Principal } from '../access/principal.ts';
import type { ReleaseRecord } from '../apps/app-record.ts';
import type { Apps, Named } from '../apps/apps.ts';
import type { Caller, Leader, LedAnswer, LedCall, LedParams } from '../apps/leader.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Leadership } from './leadership.ts';
import type { OtherHub } from './other-hubs.ts';

/** A hub says that it leads a moment before it does not any more. */
const ASK_AGAIN_AFTER_MS = 100;
const MAX_TRIES = 50;

export interface PassingParts {
  leadership: Pick<Leadership, 'find' | 'isHere'>;
  apps: Pick<Apps, 'byName' | 'reread'>;
  events: Pick<EventLog, 'last' | 'since'>;
}

/** Passes on to the hub that leads what this one is asked for. */
export class PassedOn implements Leader {
  constructor(private readonly parts: PassingParts) {}

  get isHere(): boolean {
    return this.parts.leadership.isHere;
  }

  async call<R>(client: Caller, call: ClientCall, params: object, act: () => Promise<R>): Promise<R> {
    const named = isNamed(params) ? params : null;
    if (named) demandRepo(client.who, named.repo);
    const app = named && appName(named);
    const key = keyOf(params) ?? randomBytes(16).toString('hex');
    const [seq, wasThere] = [this.parts.events.last, app !== null && this.isThere(app)];
    return this.atLeader(act, async (leader) => {
      try {
        const made = await passOn(leader, client, { key, method: call, params: { ...params, key } });
        if (!made) return null;
        if (app !== null) await this.parts.apps.reread(app);
        return { answer: this.numbered(made.answer, seq) as R };
      } catch (error) {
        if (!(error instanceof FleetError && error.code === 'ECLOSED')) throw error;
        await this.resume(app);
        if (call === 'app.forget' && wasThere && app !== null && !this.isThere(app))
          throw new FleetError(
            'ECLUSTER',
            `${leader.name} led, and went away before it had answered; see: fleet status`,
          );
        // With its key, it is carried out once.
        return null;
      }
    });
  }

  ask<K extends LedCall>(
    what: K,
    params: LedParams<K>,
    act: () => Promise<LedAnswer<K>>,
  ): Promise<LedAnswer<K>> {
    return this.atLeader(act, async ({ calls }) => {
      const { result } = await calls.call(what, params);
      return result === null ? null : { answer: result as LedAnswer<K> };
    });
  }

  seqBefore(app: string, { release }: Pick<ReleaseRecord, 'release'>): number {
    return this.before(app, release, 0);
  }

  /** Has `act` make it if this hub leads, or else the hub that does; `pass` resolves to null if that does not lead any more. */
  private async atLeader<R>(
    act: () => Promise<R>,
    pass: (leader: OtherHub) => Promise<{ answer: R } | null>,
  ): Promise<R> {
    for (let n = 0; n < MAX_TRIES; n++) {
      const leader = await this.parts.leadership.find();
      if (!leader) return act();
      const made = await pass(leader);
      if (made) return made.answer;
      await sleep(ASK_AGAIN_AFTER_MS);
    }
    throw new FleetError('ECLUSTER', 'no hub leads for long; try again');
  }

  /** Resolves when another hub leads, and what is known of an app is what the one before has stored. */
  private async resume(app: string | null): Promise<void> {
    await sleep(ASK_AGAIN_AFTER_MS);
    await this.parts.leadership.find();
    if (app !== null) await this.parts.apps.reread(app);
  }

  /** Each hub numbers events for itself: an answer that has the number of one gets this hub's. */
  private numbered(answer: unknown, since: number): unknown {
    const { app, release, seq } = (answer ?? {}) as { app?: unknown; release?: unknown; seq?: unknown };
    if (typeof app !== 'string' || typeof release !== 'number' || seq === undefined) return answer;
    return { ...(answer as object), seq: this.before(app, release, since) };
  }

  private before(app: string, release: number, since: number): number {
    const { events } = this.parts;
    const first = events.since(since).events.find((event) => {
      const told = event as { app?: unknown; release?: unknown };
      return told.app === app && told.release === release;
    });
    return first ? first.seq - 1 : events.last;
  }

  private isThere(app: string): boolean {
    return this.parts.apps.byName(app) !== undefined;
  }
}

async function passOn(
  { calls }: OtherHub,
  { who, gone }: Caller,
  passed: { key: string; method: ClientCall; params: object },
): Promise<{ answer: unknown } | null> {
  let isDone = false;
  void gone.then(() => {
    if (!isDone) calls.notify('client.gone', { key: passed.key });
  });
  try {
    const { result } = await calls.call('client.call', { ...passed, who: callerOf(who) });
    return result && { answer: result.answer };
  } finally {
    isDone = true;
  }
}

function callerOf({ name, accessor, address, rights, repo, limits }: Principal) {
  const more = { ...(accessor === undefined ? {} : { accessor }), ...(limits && { limits }) };
  return { name, address, rights: [...rights], repo, ...more };
}

function isNamed(params: object): params is Named {
  return 'repo' in params && typeof params.repo === 'string' && 'stage' in params;
}

function keyOf({ key }: { key?: unknown }): string | null {
  return typeof key === 'string' ? key : null;
}
