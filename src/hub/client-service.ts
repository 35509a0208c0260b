import type { HubEntry } from '../protocol/answers.ts';
import type { ClientCalls } from '../protocol/client-calls.ts';
import type { Handlers } from '../rpc/calls.ts';
import { accessHandlers } from './access/access-service.ts';
import type { DroneKeys } from './access/drone-keys.ts';
import { seesDrone } from './access/limits.ts';
import { demandEverything, demandRepo } from './access/principal.ts';
import type { Secrets } from './access/secrets.ts';
import type { Shares } from './access/shares.ts';
import type { Tokens } from './access/tokens.ts';
import { appHandlers } from './apps/app-service.ts';
import type { AppService } from './apps/apps.ts';
import { buildDeployed } from './apps/build-deployed.ts';
import { forget } from './apps/forget.ts';
import { mustBeKnown } from './apps/known-service.ts';
import { logsOfRelease } from './apps/release-logs.ts';
import type { Audit } from './audit/audit.ts';
import type { ClientSession } from './client-session.ts';
import type { Trails } from './cluster/trails.ts';
import { deployFor } from './deploy-for.ts';
import type { Deploys } from './deploys.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { DroneRelay } from './drones/drone-service.ts';
import { forgetDrone } from './drones/forget-drone.ts';
import type { SeenDrones } from './drones/seen-drones.ts';
import { execEnded } from './events/called.ts';
import type { CountedDeeds } from './events/counted-deeds.ts';
import type { EventLog } from './events/event-log.ts';
import type { Subscribers } from './events/subscribers.ts';
import type { Execs } from './execs.ts';
import type { ForgottenCommits } from './forgotten-commits.ts';
import { listLogs, readLog } from './logs.ts';
import type { Processes } from './processes.ts';
import type { Pruning } from './pruning.ts';
import type { Repositories } from './repositories.ts';
import { runInApp, withAppEnvironment } from './run-in-app.ts';
import { EVERYTHING, entryOf, pageOf } from './selection.ts';
import { certificateHandlers } from './traffic/certificate-service.ts';
import type { Traffic } from './traffic/traffic.ts';
import { trafficHandlers } from './traffic/traffic-service.ts';

export interface ClientServiceParts {
  directory: DroneDirectory;
  /** Resolves when the directory is complete: after a restart of the hub, drones come back one by one. */
  ready: Promise<void>;
  events: EventLog;
  deeds: CountedDeeds;
  shares: Shares;
  subscribers: Subscribers;
  execs: Execs;
  deploys: Deploys;
  processes: Processes;
  appService: AppService;
  audit: Audit;
  trails: Trails;
  secrets: Secrets;
  tokens: Tokens;
  keys: DroneKeys;
  seen: Pick<SeenDrones, 'written'>;
  pruning: Pruning;
  repositories: Repositories;
  forgetting: ForgottenCommits;
  traffic: Traffic;
  /** If other hubs hear of what drones report here. */
  relay?: Pick<DroneRelay, 'flush'> | undefined;
  /** The hubs of the cluster. */
  hubs(): Promise<HubEntry[]>;
}

/** So much of `ps` at once holds nobody up, and fits into a message even if each character takes six in JSON. */
const MAX_PAGE_CHARACTERS = 2 * 1024 * 1024;

/** Returns the handlers of all calls of a client's. */
export function handlersOf(client: ClientSession, parts: ClientServiceParts): Handlers<ClientCalls> {
  const { directory, ready, subscribers, execs, deploys, processes } = parts;
  const { trails, pruning, repositories, shares } = parts;
  const { who } = client;
  return {
    drones: async () => {
      await ready;
      const seen = directory.all().filter((drone) => seesDrone(who, drone));
      return { drones: seen.map((drone) => entryOf(drone, who, parts.traffic)) };
    },
    ps: async ({ select, after }) => {
      await ready;
      if (select) mustBeKnown(parts.appService, select);
      const max = client.features.has('ps-pages') ? MAX_PAGE_CHARACTERS : Number.POSITIVE_INFINITY;
      return pageOf(directory.all(), select ?? EVERYTHING, who, { after, max });
    },
    deploy: async (params) => {
      await ready;
      const { source } = parts.appService.parts;
      const deployed = await shares.during(who, 'deploys', () => deployFor(client, params, deploys, source));
      return deployed.missing ? deployed : buildDeployed(parts.appService, params, deployed);
    },
    spawn: async (params) => {
      demandRepo(who, params.repo);
      return processes.spawn(await withAppEnvironment(client, params, parts.appService));
    },
    stop: (params) => processes.end('stop', who, params),
    restart: (params) => processes.end('restart', who, params),
    'exec.start': async (params) => {
      demandRepo(who, params.repo);
      const { repo, command } = params;
      const request = await withAppEnvironment(client, params, parts.appService);
      return processes.exec(client, request, (drone, id, exit) =>
        execEnded(parts.events, who, { call: 'exec.start', repo, drone, id, command }, exit),
      );
    },
    'app.run': (params) => {
      demandRepo(who, params.repo);
      return runInApp(client, params, parts);
    },
    'exec.stdin': ({ end, ...name }, body) => execs.stdin(client, name, end, body),
    'exec.ack': ({ bytes, ...name }) => execs.ack(client, name, bytes),
    'exec.resize': ({ drone, key, ...size }) => execs.resize(client, { drone, key, id: null }, size),
    'exec.kill': ({ signal, ...name }) => execs.kill(client, name, signal),
    subscribe: (params) => subscribers.subscribe(client, params),
    'logs.list': async (params) => {
      await ready;
      const { release } = params;
      if (release) demandRepo(who, release.repo);
      if (params.select) mustBeKnown(parts.appService, params.select);
      const isOf = release ? logsOfRelease(parts.appService.apps.get(release).app, release.release) : null;
      return shares.duringList(who, () => listLogs(directory, who, params, isOf));
    },
    'logs.read': (params) => shares.during(who, 'reads of logs', () => readLog(directory, who, params)),
    ...appHandlers(parts.appService, client),
    ...trafficHandlers(parts.traffic, client),
    ...certificateHandlers(parts.traffic, client),
    ...accessHandlers(parts, who),
    hubs: async () => {
      demandEverything(who);
      return { hubs: await parts.hubs() };
    },
    prune: () => {
      demandEverything(who);
      return pruning.prune();
    },
    'prune.plan': () => {
      demandEverything(who);
      return pruning.plan();
    },
    'app.forget': async (params) => {
      demandRepo(who, params.repo);
      return forget(parts.appService, pruning, params);
    },
    'repos.list': async () => {
      await ready;
      return repositories.list(who);
    },
    'repos.remove': async ({ repo }) => {
      await ready;
      await repositories.remove(repo);
      return null;
    },
    'commit.forget': async (params) => {
      await ready;
      return parts.forgetting.forget(params);
    },
    'drones.forget': async ({ name }) => {
      await ready;
      await forgetDrone(name, parts);
      await parts.seen.written();
      return null;
    },
    'drones.label': async ({ name, set, unset }) => {
      await ready;
      directory.label(name, set, unset);
      await parts.seen.written();
      return null;
    },
    audit: (params) => trails.read(params),
    'audit.verify': (params) => trails.verify(params),
  };
}
