import { setTimeout as sleep } from 'node:timers/promises';
import type { HubTarget } from '../protocol/address.ts';
import { DRONE_CALLS, type DroneCalls } from '../protocol/drone-calls.ts';
import { DEAD_AFTER_MS, DEFAULT_TIMEOUT_MS, PING_EVERY_MS } from '../protocol/limits.ts';
import { Caller } from '../rpc/calls.ts';
import { dialAny } from '../rpc/dial-any.ts';
import type { Peer } from '../rpc/peer.ts';
import { monotonicMs } from '../system/monotonic.ts';
import type { Credentials } from './credentials.ts';

/** A drone's connection to a hub. */
export interface HubConnection {
  peer: Peer;
  /** Which hub that is. */
  target: HubTarget;
  hub: Caller<DroneCalls>;
}

/** If there is another hub to go to, one that answers no more is not waited for as long. */
const AMONG_SEVERAL = { pingEvery: 3_000, deadAfter: 9_000 };
/** How long a hub that is left may take to get the answers that it waits for. */
const LEAVE_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** How long a dial of several hubs may take in all. */
const ANY_WITHIN_MS = 30_000;

/**
 * Connects to the first of these hubs that answers; the next one is dialled after so long, or later if the hub has taken the
 * connection. Rejects as `dialAny`.
 */
export async function dialHub(
  hubs: HubTarget[],
  { prove }: Pick<Credentials, 'prove'>,
  nextAfterMs: number,
  onFault: (method: string, error: unknown) => void,
): Promise<HubConnection> {
  const timing =
    hubs.length > 1
      ? { ...AMONG_SEVERAL, timeout: ANY_WITHIN_MS }
      : { pingEvery: PING_EVERY_MS, deadAfter: DEAD_AFTER_MS, timeout: DEFAULT_TIMEOUT_MS };
  const options = { prove, role: 'drone', ...timing, onFault } as const;
  // To whom thousands come at once, they come once: an attempt that is given up is work for nothing.
  const connectedMs = Math.max(nextAfterMs, timing.timeout / (hubs.length + 1));
  const { peer, hub: target } = await dialAny(hubs, options, { silentMs: nextAfterMs, connectedMs });
  return { peer, target, hub: new Caller(peer, DRONE_CALLS, 'the hub') };
}

/** Closes a connection when its hub has the answers that it waits for. */
export async function leaveHub({ peer }: HubConnection): Promise<void> {
  const until = monotonicMs() + LEAVE_WITHIN_MS;
  while (peer.underWay > 0 && monotonicMs() < until) await sleep(LOOK_EVERY_MS);
  peer.close(1000, 'it has moved to another hub');
}
