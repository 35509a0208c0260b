import type { Command } from './command.ts';
import { auditCommand } from './commands/audit.ts';
import { completionCommand } from './commands/completion.ts';
import { deployCommand } from './commands/deploy.ts';
import { droneCommand } from './commands/drone.ts';
import { execCommand } from './commands/exec.ts';
import { helpCommand } from './commands/help.ts';
import { hubCommand } from './commands/hub.ts';
import { logsCommand } from './commands/logs.ts';
import { monitorCommand } from './commands/monitor.ts';
import { psCommand } from './commands/ps.ts';
import { remoteCommand } from './commands/remote.ts';
import { restartCommand } from './commands/restart.ts';
import { spawnCommand } from './commands/spawn.ts';
import { stopCommand } from './commands/stop.ts';
import { tokenCommand } from './commands/token.ts';
import { versionCommand } from './commands/version.ts';

/** Every subcommand, by name. They are declarations: what a command needs is loaded when it runs. */
export const COMMANDS: readonly Command[] = [
  auditCommand,
  completionCommand,
  deployCommand,
  droneCommand,
  execCommand,
  helpCommand,
  hubCommand,
  logsCommand,
  monitorCommand,
  psCommand,
  remoteCommand,
  restartCommand,
  spawnCommand,
  stopCommand,
  tokenCommand,
  versionCommand,
];

export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/** What `fleet help` leaves to the manual: itself, for whoever reads it has found it, and what one sets up once. */
const UNLISTED = new Set([helpCommand, completionCommand]);

/** What `fleet help` prints. */
export function helpScreen(): string {
  const width = 'monitor'.length;
  const listed = COMMANDS.filter((command) => !UNLISTED.has(command));
  const lines = listed.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: fleet <command> [<args>]

The commands are:
${lines.join('\n')}

For help about a command, try \`fleet help <command>\`.
`;
}
