import { nameOf } from './select.ts';
import type { MonitorItem } from './types.ts';

/**
 * Yields what concerns processes of a service, and news about the monitor itself. `find` returns the ids, as `DRONE#ID`, of
 * those that run now; it is asked again for each process that is new.
 */
export async function* ofService(
  items: AsyncIterable<MonitorItem>,
  find: () => Promise<string[]>,
): AsyncGenerator<MonitorItem, void> {
  const isOf = new Map<string, boolean>();
  for await (const item of items) {
    const process = processOf(item);
    if (process === undefined) yield item;
    else if (process !== null) {
      if (!isOf.has(process)) {
        for (const name of await find()) isOf.set(name, true);
        // An event may come before the hub knows the process; output comes later.
        if (item.kind !== 'event' && !isOf.has(process)) isOf.set(process, false);
      }
      if (isOf.get(process)) yield item;
    }
  }
}

/** Returns the process of an item as `DRONE#ID`; null if it is about something else, undefined for all processes. */
function processOf(item: MonitorItem): string | null | undefined {
  if (item.kind === 'lines' || item.kind === 'unfinished') return nameOf(item);
  if (item.kind !== 'event') return undefined;
  const { event } = item;
  return 'id' in event && 'drone' in event
    ? nameOf({ drone: String(event.drone), id: String(event.id) })
    : null;
}
