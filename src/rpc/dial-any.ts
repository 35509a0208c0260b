import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { HubTarget } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { type DialOptions, dial } from './dial.ts';
import { type Failed, noneAnswers } from './none-answers.ts';
import type { Peer } from './peer.ts';

/** A hub that has answered, and the connection to it. */
export interface Dialled {
  peer: Peer;
  hub: HubTarget;
}

/** A hub that has not answered by then is not waited for alone: the next one is dialled beside it. */
const NEXT_AFTER_MS = 1_000;

/** What another hub may not say: nothing answered, it is full, or it is something else. */
const GOES_ON = new Set(['ECONNECT', 'ECLOSED', 'ETIMEOUT', 'ELIMIT', 'EPROTOCOL']);

/** How long one of several hubs has until the next is dialled beside it, in milliseconds. */
export interface Patience {
  /** One that is not even there, as far as can be seen. */
  silentMs: number;
  /** One that has taken the connection, and may have much to do. */
  connectedMs: number;
}

/**
 * Connects to the first of these hubs that answers: the next one is dialled when one has failed, or has not answered in its
 * time. The time limit is for all of them together. A refusal counts for all, since they are one hub. Rejects as `dial`
 * does; if none answers, with an error that names each.
 */
export async function dialAny(
  hubs: HubTarget[],
  options: Omit<DialOptions, 'target' | 'signal' | 'connected'>,
  patience: Patience = { silentMs: NEXT_AFTER_MS, connectedMs: NEXT_AFTER_MS },
): Promise<Dialled> {
  const [only, ...others] = hubs;
  if (only && others.length === 0) return { peer: await dial({ ...options, target: only }), hub: only };
  const attempts = new Attempts(options);
  try {
    for (const hub of hubs) {
      const tried = attempts.start(hub);
      const waited = attempts.pause(tried, patience);
      const first = await Promise.race([attempts.won, tried.failed, waited]);
      if (first) return first;
    }
    return await attempts.any();
  } finally {
    attempts.end();
  }
}

interface Attempt {
  /** Resolves to null when it has failed; does not resolve if the hub has answered, or refuses. */
  failed: Promise<null>;
  isConnected: boolean;
}

class Attempts {
  /** Resolves with the first that answers; rejects with the first refusal. */
  readonly won: Promise<Dialled>;
  private readonly over = new AbortController();
  private readonly until: number;
  private readonly failed: Failed[] = [];
  private readonly underWay: Promise<null>[] = [];
  private win: (dialled: Dialled) => void = () => {};
  private lose: (error: unknown) => void = () => {};
  private isWon = false;

  constructor(private readonly options: Omit<DialOptions, 'target' | 'signal' | 'connected'>) {
    this.until = monotonicMs() + options.timeout;
    this.won = new Promise((resolve, reject) => {
      this.win = resolve;
      this.lose = reject;
    });
    this.won.catch(() => {});
  }

  start(hub: HubTarget): Attempt {
    const attempt: Attempt = { failed: Promise.resolve(null), isConnected: false };
    const connected = () => {
      attempt.isConnected = true;
    };
    attempt.failed = new Promise<null>((resolve) => {
      const timeout = Math.max(1, this.until - monotonicMs());
      dial({ ...this.options, target: hub, timeout, signal: this.over.signal, connected }).then(
        (peer) => this.answered(peer, hub),
        (error: unknown) => {
          if (!(error instanceof FleetError) || !GOES_ON.has(error.code)) return this.lose(error);
          this.failed.push({ hub: hub.hub, error });
          resolve(null);
        },
      );
    });
    this.underWay.push(attempt.failed);
    return attempt;
  }

  /** Resolves when the hub of an attempt has had its time. */
  async pause(attempt: Attempt, { silentMs, connectedMs }: Patience): Promise<null> {
    const { signal } = this.over;
    try {
      await sleep(silentMs, null, { signal });
      // If this process was held up, it may not have seen yet that it is connected.
      await nextTurn();
      if (attempt.isConnected && connectedMs > silentMs)
        await sleep(connectedMs - silentMs, null, { signal });
    } catch {
      // Another hub has answered.
    }
    return null;
  }

  /** Resolves with the first that answers. Rejects when all have failed. */
  async any(): Promise<Dialled> {
    const failed = Promise.all(this.underWay).then(() => Promise.reject(noneAnswers(this.failed)));
    return Promise.race([this.won, failed]);
  }

  end(): void {
    this.over.abort(new FleetError('ECLOSED', 'another hub has answered'));
  }

  private answered(peer: Peer, hub: HubTarget): void {
    if (this.isWon) return peer.close(1000, 'another hub has answered');
    this.isWon = true;
    this.win({ peer, hub });
  }
}
