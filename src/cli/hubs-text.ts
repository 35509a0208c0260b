import type { HubEntry } from '../protocol/answers.ts';
import { aligned, usedColumns } from '../system/columns.ts';
import { aboutSeconds, counted } from './quantity.ts';

/** Returns a line for each hub: where it is reached, its version, what it holds, and whether it leads. */
export function hubLines(hubs: readonly HubEntry[]): string[] {
  const rows = hubs.map(({ name, address, version, drones, repositories, uptime, leads }) => [
    name,
    address ?? '',
    version,
    drones === null ? '-' : counted(drones, 'drone'),
    repositories === null ? '-' : counted(repositories, 'repository', 'repositories'),
    uptime === null ? '-' : `up ${aboutSeconds(uptime)}`,
    leads ? 'leads' : '',
  ]);
  return aligned(usedColumns(rows));
}
