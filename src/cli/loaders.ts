import type { Command } from './command.ts';
import { versionCommand } from './commands/version.ts';

/** Loads the declaration of each command: one that runs needs no other's. */
const LOADERS: Record<string, () => Promise<Command>> = {
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand,
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand,
  down: async () => (await import('./commands/down.ts')).downCommand,
  drone: async () => (await import('./commands/drone.ts')).droneCommand,
  drones: async () => (await import('./commands/drones.ts')).dronesCommand,
  endpoints: async () => (await import('./commands/endpoints.ts')).endpointsCommand,
  env: async () => (await import('./commands/env.ts')).envCommand,
  exec: async () => (await import('./commands/exec.ts')).execCommand,
  help: async () => (await import('./commands/help.ts')).helpCommand,
  hub: async () => (await import('./commands/hub.ts')).hubCommand,
  hubs: async () => (await import('./commands/hubs.ts')).hubsCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  label: async () => (await import('./commands/label.ts')).labelCommand,
  logs: async () => (await import('./commands/logs.ts')).logsCommand,
  maintenance: async () => (await import('./commands/maintenance.ts')).maintenanceCommand,
  monitor: async () => (await import('./commands/monitor.ts')).monitorCommand,
  promote: async () => (await import('./commands/promote.ts')).promoteCommand,
  proxy: async () => (await import('./commands/proxy.ts')).proxyCommand,
  prune: async () => (await import('./commands/prune.ts')).pruneCommand,
  ps: async () => (await import('./commands/ps.ts')).psCommand,
  releases: async () => (await import('./commands/releases.ts')).releasesCommand,
  remote: async () => (await import('./commands/remote.ts')).remoteCommand,
  repos: async () => (await import('./commands/repos.ts')).reposCommand,
  restart: async () => (await import('./commands/restart.ts')).restartCommand,
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  scale: async () => (await import('./commands/scale.ts')).scaleCommand,
  spawn: async () => (await import('./commands/spawn.ts')).spawnCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  stop: async () => (await import('./commands/stop.ts')).stopCommand,
  token: async () => (await import('./commands/token.ts')).tokenCommand,
  up: async () => (await import('./commands/up.ts')).upCommand,
  version: async () => versionCommand,
};

/** The names of all commands, in alphabetical order. */
export const COMMAND_NAMES: readonly string[] = Object.keys(LOADERS);

/** Resolves to the command of that name, and to undefined if there is none. */
export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;
}
