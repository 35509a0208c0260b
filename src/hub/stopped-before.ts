import type { ClientAnswers } from '../protocol/client-calls.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { Drone } from './drones/drone.ts';

/** How long a drone may take to say what it has stopped. */
const ANSWER_TIMEOUT_MS = 20_000;

/**
 * A stop that is asked again because the hub died meanwhile: the drones remember what they have stopped. Adds that to
 * `drones`, and returns the ids that are left. An id that something has is not asked for: it was not selected.
 */
export async function stoppedBefore(
  directory: Pick<DroneDirectory, 'hasId' | 'connected'>,
  unknown: string[],
  drones: ClientAnswers['stop']['drones'],
): Promise<string[]> {
  const found = new Set<string>();
  const ask = async ({ name, connection }: Drone) => {
    const ids = unknown.flatMap((one) => idOn(name, one) ?? []).filter((id) => !directory.hasId(id));
    if (!connection || ids.length === 0) return;
    const { result } = await connection.orders.call(
      'stop',
      { ids, grace: 0 },
      { timeout: ANSWER_TIMEOUT_MS },
    );
    if (result.stopped.length === 0) return;
    const before = drones[name] ?? { stopped: [], killed: [], errors: {} };
    drones[name] = { ...before, stopped: [...before.stopped, ...result.stopped] };
    for (const id of result.stopped) found.add(id).add(`${name}#${id}`);
  };
  await Promise.allSettled(directory.connected().map(ask));
  return unknown.filter((one) => !found.has(one));
}

/** The id of what is written `ID` or `DRONE#ID`, if it may be on this drone. */
function idOn(drone: string, written: string): string | null {
  const [first = '', id] = written.split('#');
  if (id === undefined) return first;
  return first === drone ? id : null;
}
