import { commandLine } from '../protocol/names.ts';
import type { DroneStatus, ProcessStatus } from '../protocol/process.ts';
import { aligned, usedColumns } from '../system/columns.ts';
import { visibleLine } from '../system/visible.ts';
import { instanceText, portText, statusText } from './ps-text.ts';
import { aboutSeconds } from './quantity.ts';
import { usageText } from './usage-text.ts';

/** Returns a line for each process, by drone: its status, use of the machine, service if it has one, commit and command. */
export function psLines(drones: Record<string, DroneStatus>): string[] {
  const rows = Object.entries(drones)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { lost, processes }]) =>
      Object.entries(processes).map(([id, process]) =>
        rowOf(`${name}#${id}`, process, lost).map(visibleLine),
      ),
    );
  return aligned(usedColumns(rows));
}

function rowOf(name: string, process: ProcessStatus, lost: number | null): string[] {
  const { status, uptime, repo, commit, command, cpu = null, memory = null } = process;
  return [
    name,
    `${statusText(process)}${lost === null ? '' : ` (lost ${aboutSeconds(lost)} ago)`}`,
    status === 'running' ? `up ${aboutSeconds(uptime)}` : '',
    usageText(cpu, memory),
    instanceText(process) || portText(process),
    `${repo}/${commit.slice(0, 7)}`,
    commandLine(command),
  ];
}
