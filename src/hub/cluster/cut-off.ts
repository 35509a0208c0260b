import type { HubIdentity } from '../../protocol/hub-words.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { monotonicMs } from '../../system/monotonic.ts';
import { GONE_AFTER_MS } from './presence.ts';

const MAX_HUBS = 100;
/** A hub whose last words were lost with the engine is missed this long after these, and a moment. */
const MISSED_AFTER_MS = GONE_AFTER_MS + 2_000;

/** A hub that was there before the engine was not reached any more, and for how long it has been missed. */
export interface CutOff {
  hub: HubIdentity;
  lostMs: number;
}

/** Remembers which hubs were lost, and when. */
export class LostHubs {
  private readonly lost = new BoundedMap<string, { hub: HubIdentity; at: number }>(MAX_HUBS);

  came({ name }: HubIdentity): void {
    this.lost.delete(name);
  }

  went(hub: HubIdentity): void {
    this.lost.set(hub.name, { hub, at: monotonicMs() });
  }

  /** Returns those that were lost because the engine has been silent for so long; null for an engine that answers. */
  cutOff(silentMs: number | null): CutOff[] {
    if (silentMs === null) return [];
    const now = monotonicMs();
    const all = [...this.lost.values()].map(({ hub, at }) => ({ hub, lostMs: now - at }));
    return all.filter(({ lostMs }) => lostMs <= silentMs + MISSED_AFTER_MS);
  }
}
