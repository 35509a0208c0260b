import type { HubEntry } from '../protocol/answers.ts';
import { aligned, usedColumns } from '../system/columns.ts';
import { aboutSeconds, counted } from './quantity.ts';

/** Returns a line for each hub: where it is reached, its version, what it holds, and whether it leads, or is lost. */
export function hubLines(hubs: readonly HubEntry[]): string[] {
  const rows = hubs.map(({ name, address, version, drones, repositories, uptime, leads, lost }) => [
    name,
    address ?? '',
    version,
    drones === null ? '-' : counted(drones, 'drone'),
    repositories === null ? '-' : counted(repositories, 'repository', 'repositories'),
    uptime === null ? '-' : `up ${aboutSeconds(uptime)}`,
    lost === null ? (leads ? 'leads' : '') : `lost ${aboutSeconds(lost)}`,
  ]);
  return aligned(usedColumns(rows));
}

/** Returns a line for each thing that is wrong with the engine, and the hubs for which it is. */
export function problemLines(hubs: readonly HubEntry[]): string[] {
  const problems = new Set(hubs.flatMap(({ problem }) => problem ?? []));
  return [...problems].map((problem) => {
    const names = hubs.filter((hub) => hub.problem === problem).map(({ name }) => name);
    return `fleet: ${names.join(', ')}: ${problem}`;
  });
}
