import type { Command } from '../../app-file/command.ts';
import type { AppFile, Health, Service } from '../../app-file/types.ts';
import { repoOfApp } from '../../protocol/app-names.ts';
import type { HealthCheck, InstanceSpec, JobSpec, Preparation } from '../../protocol/instance.ts';
import { numberOf, type ReleaseJob, type ReleaseRecord } from './app-record.ts';

/** A release, with what its commit says and its environment, opened. */
export interface Ordering {
  app: string;
  release: ReleaseRecord;
  file: AppFile;
  env: Record<string, string>;
}

/** Returns the order that makes a commit ready for an app on a drone. */
export function preparationOrder({
  app,
  release,
  file,
  env,
}: Omit<Ordering, 'release'> & {
  release: Pick<ReleaseRecord, 'commit' | 'rebuild'> & Partial<Pick<ReleaseRecord, 'state'>>;
}): Preparation {
  const { build, buildTimeoutMs, cache, shared, user } = file.deploy;
  const { commit } = release;
  // A drone that comes back later has built it.
  const rebuild = release.rebuild && release.state === 'building';
  return {
    ...{ app, repo: repoOfApp(app), commit, cache, shared, user, rebuild, buildTimeoutMs },
    build: build && wordsOf(build),
    env: { ...file.env, ...env },
  };
}

/** Returns the order that runs the release command. */
export function jobOrder({ app, release, file, env }: Ordering, { id, key }: ReleaseJob): JobSpec {
  const { command, timeoutMs } = file.deploy.release ?? { command: ['true'], timeoutMs: 0 };
  return {
    ...{ id, key, app, repo: repoOfApp(app), commit: release.commit, release: release.release, timeoutMs },
    command: wordsOf(command),
    env: { ...file.env, ...env },
    user: file.deploy.user,
  };
}

/** Returns the order that starts an instance, without its id and key. */
export function instanceOrder({ app, release, file, env }: Ordering, service: Service, slot: number) {
  const { name, health, stop, served, port, stableMs, memoryBytes, maxRestarts, dir } = service;
  const instance: InstanceSpec = {
    ...{ app, service: name, slot, release: numberOf(release, name), served, port, stableMs, memoryBytes },
    ...{ maxRestarts, dir, user: file.deploy.user, stopSignal: stop.signal, graceMs: stop.graceMs },
    health: health && healthCheck(health, service),
  };
  return {
    ...{ repo: repoOfApp(app), commit: release.commit, labels: {}, instance },
    command: wordsOf(service.command),
    env: { ...file.env, ...service.env, ...env },
  };
}

function healthCheck(
  { check, intervalMs, timeoutMs, withinMs, restartAfterMs }: Health,
  { host }: Service,
): HealthCheck {
  return {
    path: check.type === 'path' ? check.path : null,
    host: host.find((one) => !one.host.includes('*'))?.host ?? 'localhost',
    command: check.type === 'command' ? wordsOf(check.command) : null,
    ...{ intervalMs, timeoutMs, withinMs, restartAfterMs },
  };
}

/** Returns the words of a command: those of a shell, if it needs one. */
function wordsOf(command: Command): string[] {
  return Array.isArray(command) ? command : ['sh', '-c', command.shell];
}

/** Returns the words by which a command is shown. */
export function shownCommand(command: Command): string[] {
  return Array.isArray(command) ? command : [command.shell];
}
