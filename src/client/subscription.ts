import type { ClientParams } from '../protocol/client-calls.ts';
import { union } from '../protocol/interest.ts';

type Subscribed = ClientParams['subscribe'];

/**
 * What one listener subscribes to. `since` is the number of the last event that it has seen, `after` its place, `recent` those
 * before, and `begun` the last one of before it has begun.
 */
export type Subscription = Omit<Subscribed, 'begun'> & { begun?: Subscribed['begun'] | null };

/** Combines subscriptions into the only one that a connection has. Each listener may get more than it asked for. */
export function combine(all: Iterable<Subscription>): Subscribed {
  const each = [...all];
  const outputs = each.flatMap(({ output }) => output ?? []);
  const names = each.map(({ drones }) => drones);
  // Some listeners get events again that they have seen, and recognise them.
  const hearing = each.filter(({ events }) => events);
  const only = hearing.length === 1 ? hearing[0] : null;
  const seen = hearing.flatMap(({ since }) => since ?? []);
  const [oldest] = hearing
    .flatMap(({ after, recent = [] }) => (after ? [{ after, recent }] : []))
    .sort((a, b) => a.after.time - b.after.time);
  return {
    events: hearing.length > 0,
    output: outputs.length === 0 ? null : union(outputs),
    since: seen.length === 0 || oldest ? null : Math.min(...seen),
    drones: names.includes(null) ? null : [...new Set(names.flatMap((some) => some ?? []))],
    ...oldest,
    ...(only?.begun && oldest ? { begun: only.begun } : {}),
  };
}
