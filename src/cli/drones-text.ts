import type { DroneEntry } from '../client/types.ts';
import type { DroneStatus } from '../protocol/process.ts';
import { aligned, usedColumns } from '../system/columns.ts';
import { lagText } from './lag-text.ts';
import { aboutSeconds } from './quantity.ts';
import { unreachedText } from './unreached-text.ts';
import { bytesText } from './usage-text.ts';

/**
 * Returns a line for each drone, by name: its version, labels, address, use of its machine and processes, and whether it is
 * lost; then a line for each that proxies cannot reach.
 */
export function droneLines(drones: readonly DroneEntry[], running: Record<string, DroneStatus>): string[] {
  const rows = sorted(drones).map(({ name, version, labels, address, load, memory, disk, lost, lags }) => [
    name,
    version,
    labelsText(labels ?? {}),
    address ?? '',
    load == null ? '' : `load ${load.toFixed(2)}`,
    roomText('mem', memory),
    roomText('disk', disk),
    countText(countOf(running[name])),
    [...(lost === null ? [] : [`lost ${aboutSeconds(lost)}`]), ...(lags ?? []).map(lagText)].join('; '),
  ]);
  const unreached = sorted(drones).filter((drone) => drone.unreached);
  return [...aligned(usedColumns(rows)), ...unreached.map(({ name }) => unreachedText(name))];
}

/** Returns what `drones --json` prints; what is not known is null. */
export function dronesJson(drones: readonly DroneEntry[], running: Record<string, DroneStatus>) {
  return sorted(drones).map(
    ({ name, version, labels, address, load, memory, disk, lost, lags, unreached }) => ({
      ...{ name, version, labels: labels ?? {}, address: address ?? null, lost },
      ...{
        load: load ?? null,
        memory: memory ?? null,
        disk: disk ?? null,
        processes: countOf(running[name]),
      },
      ...{ lags: lags ?? [], unreached: unreached ?? false },
    }),
  );
}

const sorted = (drones: readonly DroneEntry[]) => drones.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Returns labels as people write them, by key. */
export const labelsText = (labels: Record<string, string>) =>
  Object.entries(labels)
    .map((label) => label.join('='))
    .sort()
    .join(' ') || '-';

const roomText = (what: string, room: DroneEntry['memory']) =>
  room == null ? '' : `${what} ${bytesText(room.used)}/${bytesText(room.total)}`;

const countOf = (status: DroneStatus | undefined) => (status ? Object.keys(status.processes).length : null);

const countText = (count: number | null) =>
  count === null ? '-' : count === 1 ? '1 process' : `${count} processes`;
