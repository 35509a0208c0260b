import type { ClientParams } from '../protocol/client-calls.ts';
import { union } from '../protocol/interest.ts';

/** What one listener asks of the hub. `since` is the number of the last event that it has seen, if it wants more. */
export type Subscription = ClientParams['subscribe'];

/** One subscription that gives each of these what it asks for, and maybe more: a connection has one only. */
export function combine(all: Iterable<Subscription>): Subscription {
  const each = [...all];
  const outputs = each.flatMap(({ output }) => output ?? []);
  const names = each.map(({ drones }) => drones);
  // Events that one of them has seen already come once more, and it tells them by their numbers.
  const seen = each.flatMap(({ events, since }) => (events ? (since ?? []) : []));
  return {
    events: each.some(({ events }) => events),
    output: outputs.length === 0 ? null : union(outputs),
    since: seen.length === 0 ? null : Math.min(...seen),
    drones: names.includes(null) ? null : [...new Set(names.flatMap((some) => some ?? []))],
  };
}
