import type { Client, ExecExit, Execution, RunOptions } from '../client/types.ts';
import { FleetError } from '../protocol/errors.ts';
import type { TerminalSpec } from '../protocol/terminal.ts';
import type { Arguments } from './arguments.ts';
import { exitStatus, noteErrors } from './exec-output.ts';
import { type Io, note } from './io.ts';
import { noteStart } from './remote-command.ts';
import { LocalTerminal, terminalOf } from './terminal.ts';

/** Throws EUSAGE if the arguments ask for a terminal without a keyboard. */
export function demandKeyboard(args: Arguments): void {
  if (args.has('tty') && args.has('ignore-stdin'))
    throw new FleetError('EUSAGE', '-t is for what you type, and -n leaves that out; leave one of them out');
}

/** Starts a command on a terminal. */
type Start = (streams: { terminal: TerminalSpec; stdin: Io['stdin'] }) => Promise<Execution>;

/** Runs a command of an exec on a terminal, in place of this program. Returns its exit status. */
export function runOnTerminal(client: Client, options: RunOptions & { cwd?: string | undefined }, io: Io) {
  return interact((streams) => client.exec({ ...options, ...streams }), {
    client,
    command: options.command,
    io,
  });
}

/** Gives the terminal of this program to the command that `start` starts. Returns its exit status. */
export async function interact(
  start: Start,
  { client, command, io }: { client: Client; command: string[]; io: Io },
): Promise<number> {
  const terminal = terminalOf(io);
  const exec = await start({ terminal, stdin: io.stdin });
  await noteStart(exec, command, client, io);
  for (const { drone, id } of exec.processes) note(io, `(${drone}#${id})`);
  const local = new LocalTerminal(io);
  try {
    if (exec.processes.length > 0) local.enter(exec, terminal);
    const exits: ExecExit[] = [];
    for await (const item of exec) {
      if ('exited' in item) exits.push(item);
      else await local.show(item.bytes);
    }
    local.leave();
    noteErrors(exits, io);
    return exitStatus(exec.failed.length, exits);
  } finally {
    local.leave();
  }
}
