import type { Command } from './command.ts';
import { auditCommand } from './commands/audit.ts';
import { completionCommand } from './commands/completion.ts';
import { deployCommand } from './commands/deploy.ts';
import { downCommand } from './commands/down.ts';
import { droneCommand } from './commands/drone.ts';
import { dronesCommand } from './commands/drones.ts';
import { endpointsCommand } from './commands/endpoints.ts';
import { envCommand } from './commands/env.ts';
import { execCommand } from './commands/exec.ts';
import { helpCommand } from './commands/help.ts';
import { hubCommand } from './commands/hub.ts';
import { hubsCommand } from './commands/hubs.ts';
import { initCommand } from './commands/init.ts';
import { labelCommand } from './commands/label.ts';
import { logsCommand } from './commands/logs.ts';
import { maintenanceCommand } from './commands/maintenance.ts';
import { monitorCommand } from './commands/monitor.ts';
import { promoteCommand } from './commands/promote.ts';
import { proxyCommand } from './commands/proxy.ts';
import { pruneCommand } from './commands/prune.ts';
import { psCommand } from './commands/ps.ts';
import { releasesCommand } from './commands/releases.ts';
import { remoteCommand } from './commands/remote.ts';
import { reposCommand } from './commands/repos.ts';
import { restartCommand } from './commands/restart.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { runCommand } from './commands/run.ts';
import { scaleCommand } from './commands/scale.ts';
import { spawnCommand } from './commands/spawn.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { tokenCommand } from './commands/token.ts';
import { upCommand } from './commands/up.ts';
import { versionCommand } from './commands/version.ts';
import { summaryLines } from './summary-lines.ts';

/** Every command, by name: for what tells of all of them. One that runs is loaded alone, by loaders.ts. */
export const COMMANDS: readonly Command[] = [
  auditCommand,
  completionCommand,
  deployCommand,
  downCommand,
  droneCommand,
  dronesCommand,
  endpointsCommand,
  envCommand,
  execCommand,
  helpCommand,
  hubCommand,
  hubsCommand,
  initCommand,
  labelCommand,
  logsCommand,
  maintenanceCommand,
  monitorCommand,
  promoteCommand,
  proxyCommand,
  pruneCommand,
  psCommand,
  releasesCommand,
  remoteCommand,
  reposCommand,
  restartCommand,
  rollbackCommand,
  runCommand,
  scaleCommand,
  spawnCommand,
  statusCommand,
  stopCommand,
  tokenCommand,
  upCommand,
  versionCommand,
];

export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/** Not listed by `fleet help`: itself, and what is needed only once. */
const UNLISTED = new Set([helpCommand, completionCommand]);

/** Returns what `fleet help` prints. */
export function helpScreen(): string {
  const listed = COMMANDS.filter((command) => !UNLISTED.has(command));
  const lines = summaryLines(listed);
  return `Usage: fleet <command> [<args>]

The commands are:
${lines.join('\n')}

For help about a command, try \`fleet help <command>\`.
`;
}
