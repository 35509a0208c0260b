import type { Client, Execution, RunOptions } from '../client/types.ts';
import type { TerminalSpec } from '../protocol/terminal.ts';
import { noteAbsent } from './absent.ts';
import { exitStatus, showRaw } from './exec-output.ts';
import { type Io, note } from './io.ts';
import { failureText } from './remote-command.ts';
import { LocalTerminal, terminalOf } from './terminal.ts';

/** Starts a command on a terminal. */
type Start = (streams: { terminal: TerminalSpec; stdin: Io['stdin'] }) => Promise<Execution>;

/** Runs a command of an exec on a terminal, in place of this program. Returns its exit status. */
export function runOnTerminal(client: Client, options: RunOptions & { cwd?: string | undefined }, io: Io) {
  return interact((streams) => client.exec({ ...options, ...streams }), options.command, io);
}

/** Gives the terminal of this program to the command that `start` starts. Returns its exit status. */
export async function interact(start: Start, command: string[], io: Io): Promise<number> {
  const terminal = terminalOf(io);
  const exec = await start({ terminal, stdin: io.stdin });
  noteAbsent(exec.absent, 'left out', io);
  for (const { drone, error } of exec.failed) note(io, `[${drone}] ${failureText(error, command)}`);
  for (const { drone, id } of exec.processes) note(io, `(${drone}#${id})`);
  const local = new LocalTerminal(io);
  try {
    if (exec.processes.length > 0) local.enter(exec, terminal);
    const exits = await showRaw(exec, io);
    local.leave();
    for (const { drone, id, error } of exits) if (error !== undefined) note(io, `[${drone}#${id}] ${error}`);
    return exitStatus(exec.failed.length, exits);
  } finally {
    local.leave();
  }
}
