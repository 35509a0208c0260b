import type { DroneStatus } from '../protocol/process.ts';
import type { Link } from './link.ts';
import { monitor } from './monitor.ts';
import { nameOf } from './select.ts';
import type { MonitorItem, NotStable } from './types.ts';

type Drones = Record<string, DroneStatus>;

/** Waits until processes have run for `ms`; `look` returns them as they are now. As {@link Client.untilStable}. */
export async function untilStable(
  link: Link,
  processes: string[],
  ms: number,
  look: () => Promise<Drones>,
): Promise<Record<string, NotStable>> {
  const failed = new Map<string, NotStable>();
  const over = new AbortController();
  const fail = ([process, why]: readonly [string, NotStable]) => {
    if (processes.includes(process) && !failed.has(process)) failed.set(process, why);
    if (failed.size === processes.length) over.abort();
  };
  let before: Drones | undefined;
  // What has ended before there were events of it, is seen so.
  const begun = () => {
    look().then(
      (drones) => {
        before = drones;
        notRunning(processes, drones).forEach(fail);
      },
      () => over.abort(),
    );
  };
  const timer = setTimeout(() => over.abort(), ms);
  try {
    for await (const item of monitor(link, { drones: null, output: null, begun, signal: over.signal })) {
      const end = endOf(item);
      if (end) fail(end);
    }
  } finally {
    clearTimeout(timer);
  }
  if (failed.size < processes.length) {
    const drones = await look();
    // The hub may have died, and its events with it.
    [...notRunning(processes, drones), ...restarted(processes, before ?? drones, drones)].forEach(fail);
  }
  return Object.fromEntries(failed);
}

/** Returns the process whose end an item tells of, and how it ended; a restart that somebody asked for is no end. */
function endOf(item: MonitorItem): [string, NotStable] | null {
  if (item.kind !== 'event' || !('id' in item.event) || !('drone' in item.event)) return null;
  const { event } = item;
  if (event.type === 'stopped') return [nameOf(event), 'stopped'];
  if (event.type !== 'exited' || event.asked) return null;
  const { code, signal, error } = event;
  return [nameOf(event), { code, signal, ...(error !== undefined && { error }) }];
}

/** Returns the processes that do not run, and why. */
export function notRunning(processes: string[], drones: Drones): [string, NotStable][] {
  return processes.flatMap((process): [string, NotStable][] => {
    const { drone, status } = find(process, drones);
    if (!status) return [[process, 'stopped']];
    if (drone?.lost != null) return [[process, 'lost']];
    return status.status === 'running' ? [] : [[process, status.lastExit ?? UNKNOWN]];
  });
}

/** Returns the processes that were started again since then, and how they had ended. */
export function restarted(processes: string[], then: Drones, now: Drones): [string, NotStable][] {
  return processes.flatMap((process): [string, NotStable][] => {
    const [before, { status }] = [find(process, then), find(process, now)];
    if (!before.status || !status || status.restarts <= before.status.restarts) return [];
    return [[process, status.lastExit ?? UNKNOWN]];
  });
}

const UNKNOWN = { code: null, signal: null };

function find(process: string, drones: Drones) {
  const [name = '', id = ''] = process.split('#');
  const drone = drones[name];
  return { drone, status: drone?.processes[id] };
}
