import type { CheckedAnswerOf, ParamsOf } from '../../protocol/call-table.ts';
import type { ClientCall } from '../../protocol/client-calls.ts';
import type { HUB_APP_CALLS } from '../../protocol/hub-app-calls.ts';
import type { ClientSession } from '../client-session.ts';
import type { ReleaseRecord } from './app-record.ts';

type HubAppCalls = typeof HUB_APP_CALLS;
/** What the hub that leads does for others. */
export type LedCall = 'commit.build' | 'instances.restart' | 'drone.replace';
export type LedParams<K extends LedCall> = ParamsOf<HubAppCalls, K>;
export type LedAnswer<K extends LedCall> = NonNullable<CheckedAnswerOf<HubAppCalls, K>>;

/** Whose call it is; the answer is not awaited any more once they are gone. */
export type Caller = Pick<ClientSession, 'who' | 'gone'>;

/** The hub that decides about apps: this one or, of several, another. */
export interface Leader {
  /** True if this hub decides now. */
  readonly isHere: boolean;
  /** Has a call of a client's made by the hub that leads: `act` makes it here. Throws ECLUSTER if no hub does. */
  call<R>(client: Caller, call: ClientCall, params: object, act: () => Promise<R>): Promise<R>;
  /** Has something done by the hub that leads: `act` does it here. Throws ECLUSTER if no hub does. */
  ask<K extends LedCall>(
    what: K,
    params: LedParams<K>,
    act: () => Promise<LedAnswer<K>>,
  ): Promise<LedAnswer<K>>;
  /** Returns the number that the last event had here before those of a release. */
  seqBefore(app: string, release: Pick<ReleaseRecord, 'release' | 'seq'>): number;
}

/** For a hub that is alone. */
export const ALONE: Leader = {
  isHere: true,
  call: (_client, _call, _params, act) => act(),
  ask: (_what, _params, act) => act(),
  seqBefore: (_app, { seq }) => seq,
};
