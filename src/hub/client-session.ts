import type { ParamsOf } from '../protocol/call-table.ts';
import type { PeerFeatures } from '../protocol/features.ts';
import { NOTICES, type Notice, type NoticeCalls } from '../protocol/notices.ts';
import { Caller } from '../rpc/calls.ts';
import type { Peer } from '../rpc/peer.ts';
import type { Principal } from './access/principal.ts';

/** A connected client, as the rest of the hub sees it. */
export interface ClientSession {
  readonly who: Principal;
  readonly features: PeerFeatures;
  /** Sends a notice; does nothing if the client is gone. */
  tell<N extends Notice>(notice: N, params: ParamsOf<NoticeCalls, N>, body?: Buffer): void;
  /** Bytes that the client has not read yet. */
  readonly unreadBytes: number;
  /** Resolves, and never rejects, when the connection ends. */
  readonly gone: Promise<unknown>;
}

/** Returns the session of a client that is connected to this hub. */
export function sessionOf(peer: Peer, who: Principal): ClientSession {
  const notices = new Caller(peer, NOTICES, 'the client');
  return {
    who,
    features: peer.features,
    tell: (notice, params, body) => notices.notify(notice, params, body),
    get unreadBytes() {
      return peer.buffered;
    },
    gone: peer.closed,
  };
}

/** Returns a signal that is aborted, with the reason, when a connection ends. */
export function endOf({ closed }: Pick<Peer, 'closed'>): AbortSignal {
  const ending = new AbortController();
  void closed.then((why) => ending.abort(why));
  return ending.signal;
}
