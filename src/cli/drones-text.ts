import type { DroneEntry } from '../client/types.ts';
import type { DroneStatus } from '../protocol/process.ts';
import { lagText } from './lag-text.ts';
import { aboutSeconds } from './quantity.ts';

/** Returns a line for each drone, by name: its version, labels and processes, and whether it is lost. */
export function droneLines(drones: readonly DroneEntry[], running: Record<string, DroneStatus>): string[] {
  const rows = sorted(drones).map(({ name, version, labels, lost, lags }) => [
    name,
    version,
    labelsText(labels ?? {}),
    countText(countOf(running[name])),
    [...(lost === null ? [] : [`lost ${aboutSeconds(lost)}`]), ...(lags ?? []).map(lagText)].join('; '),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Returns what `drones --json` prints; what is not known is null. */
export function dronesJson(drones: readonly DroneEntry[], running: Record<string, DroneStatus>) {
  return sorted(drones).map(({ name, version, labels, lost, lags }) => ({
    ...{ name, version, labels: labels ?? {}, address: null, lost },
    ...{ load: null, memory: null, disk: null, processes: countOf(running[name]) },
    lags: lags ?? [],
  }));
}

const sorted = (drones: readonly DroneEntry[]) => drones.toSorted((a, b) => (a.name < b.name ? -1 : 1));

const labelsText = (labels: Record<string, string>) =>
  Object.entries(labels)
    .map((label) => label.join('='))
    .sort()
    .join(' ') || '-';

const countOf = (status: DroneStatus | undefined) => (status ? Object.keys(status.processes).length : null);

const countText = (count: number | null) =>
  count === null ? '-' : count === 1 ? '1 process' : `${count} processes`;
