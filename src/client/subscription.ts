import type { ClientParams } from '../protocol/client-calls.ts';

/** What one listener asks of the hub. */
export type Subscription = ClientParams['subscribe'];

/** One subscription that gives each of these what it asks for, and maybe more: a connection has one only. */
export function combine(all: Iterable<Subscription>): Subscription {
  const each = [...all];
  const outputs = each.flatMap(({ output }) => output ?? []);
  const names = each.map(({ drones }) => drones);
  return {
    events: each.some(({ events }) => events),
    output:
      outputs.length === 0
        ? null
        : {
            all: outputs.some((output) => output.all),
            ids: [...new Set(outputs.flatMap(({ ids }) => ids))],
            repos: [...new Set(outputs.flatMap(({ repos }) => repos))],
          },
    drones: names.includes(null) ? null : [...new Set(names.flatMap((some) => some ?? []))],
  };
}
