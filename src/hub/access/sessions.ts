import type { Peer } from '../../rpc/peer.ts';
import type { Principal } from './principal.ts';
import type { Tokens } from './tokens.ts';

/** The longest delay of a timer in Node; a token that lives longer is checked again after this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Open connections. One whose token expires or is removed is closed at that moment. */
export class Sessions {
  private readonly peers = new Map<Peer, Principal>();

  constructor(tokens: Tokens) {
    tokens.on('removed', () => {
      for (const [peer, who] of this.peers) endInvalid(peer, who);
    });
  }

  add(peer: Peer, who: Principal): void {
    this.peers.set(peer, who);
    const stop = whenExpired(who, () => endInvalid(peer, who));
    void peer.closed.then(() => {
      stop();
      this.peers.delete(peer);
    });
  }
}

function endInvalid(peer: Peer, who: Principal): void {
  if (!who.isValid()) peer.close(4003, `the token '${who.name}' has expired or was removed`);
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
