import type { FleetError } from '../../protocol/errors.ts';
import type { Peer } from '../../rpc/peer.ts';
import { noLongerValid, type Principal } from './principal.ts';

/** The longest delay of a timer in Node; a token that lives longer is checked again after this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What waits for a peer that is told why it is disconnected; with more, it would be sent on for seconds. */
const MAX_UNSENT_BYTES = 65_536;

/** Something that goes on for somebody, and how it is ended. */
interface Session {
  who: Principal;
  end(why: FleetError): void;
}

/** What goes on for each principal. When a token expires or is removed, all of it ends at that moment. */
export class Sessions {
  private readonly open = new Set<Session>();

  /** Each of these tells when it has removed something by which somebody was let in. */
  constructor(...sources: { on(event: 'removed', listener: () => void): unknown }[]) {
    for (const source of sources)
      source.on('removed', () => {
        for (const session of this.open) this.endInvalid(session);
      });
  }

  /** Calls `end` once `who` is no longer valid, at once if it is not now, unless the function that it returns was called before. */
  hold(who: Principal, end: (why: FleetError) => void): () => void {
    const session = { who, end };
    this.open.add(session);
    this.endInvalid(session);
    const stop = whenExpired(who, () => this.endInvalid(session));
    return () => {
      stop();
      this.open.delete(session);
    };
  }

  /** Holds an open connection. */
  add(peer: Peer, who: Principal): void {
    const release = this.hold(who, (why) => {
      if (peer.buffered > MAX_UNSENT_BYTES) peer.terminate(why);
      else peer.close(4003, why.message);
    });
    void peer.closed.then(release);
  }

  private endInvalid(session: Session): void {
    if (session.who.isValid()) return;
    this.open.delete(session);
    session.end(noLongerValid(session.who));
  }
}

function whenExpired({ expires }: Principal, act: () => void): () => void {
  if (expires === null) return () => {};
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = expires - Date.now();
    if (left <= 0) return act();
    timer = setTimeout(wait, Math.min(left, LONGEST_TIMER_MS)).unref();
  };
  timer = setTimeout(wait, 0).unref();
  return () => clearTimeout(timer);
}
