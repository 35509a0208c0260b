import type { AppFile, Service } from '../../app-file/types.ts';
import { appName } from '../../protocol/app-names.ts';
import type { AppStatus, InstanceStatus, ServiceStatus } from '../../protocol/apps.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import { type Drone, statusNow } from '../drones/drone.ts';
import { type AppRecord, numberOf, type ReleaseRecord, releaseOf } from './app-record.ts';
import { newerHubText } from './fenced-orders.ts';
import { countOf, wantedSlots } from './targets.ts';
import { type Instance, ofService, type World } from './world.ts';

/** Returns what `fleet status` shows of an app. */
export function statusOf(
  app: AppRecord,
  world: World,
  fileOf: (release: ReleaseRecord) => AppFile,
  directory: Pick<DroneDirectory, 'get' | 'all'>,
): AppStatus {
  const live = releaseOf(app, app.live);
  const shown = live ?? releaseOf(app, app.underWay);
  const services = shown
    ? fileOf(shown).services.map(
        (service) => [service.name, serviceStatus(service, { app, live, world, directory })] as const,
      )
    : [];
  const why = trouble(app, world);
  const wanted = new Map(
    shown ? fileOf(shown).services.map((service) => [service.name, wantedSlots(app, service).length]) : [],
  );
  const areReady = services.every(([name, one]) => one.ready >= (wanted.get(name) ?? 0));
  return {
    app: appName(app),
    release: live?.release ?? null,
    state: live?.state ?? shown?.state ?? lastLive(app)?.state ?? app.releases.at(-1)?.state ?? null,
    commit: live?.commit ?? null,
    subject: live?.subject ?? null,
    time: live?.liveAt == null ? null : new Date(live.liveAt).toISOString(),
    by: live?.by ?? null,
    ok: live !== null && !isDoubtful(app, world) && areReady,
    why,
    services: Object.fromEntries(services),
    lags: lagsOf(app.repo, directory.all()),
  };
}

/** Returns the drones with instances that may get requests, by name. */
export function servingDrones({ services }: Pick<AppStatus, 'services'>): string[] {
  const instances = Object.values(services).flatMap((service) => service.instances);
  const names = instances.filter(({ id, port }) => id !== null && port !== null).map(({ drone }) => drone);
  return [...new Set(names)].sort();
}

function lagsOf(repo: string, drones: readonly Drone[]): NonNullable<AppStatus['lags']> {
  return drones.flatMap(({ name, lags }) =>
    lags.filter((lag) => lag.repo === repo).map((lag) => ({ drone: name, ...lag })),
  );
}

/** What was live last: after `down`, it is what the app is known by. */
function lastLive({ releases }: AppRecord): ReleaseRecord | null {
  const were = releases.filter(({ liveAt }) => liveAt !== null);
  return were.sort((a, b) => (b.liveAt ?? 0) - (a.liveAt ?? 0))[0] ?? null;
}

interface Scene {
  app: AppRecord;
  live: ReleaseRecord | null;
  world: World;
  directory: Pick<DroneDirectory, 'get'>;
}

/** Nobody but its users knows which release should run. */
function isDoubtful(app: AppRecord, { instances, newerHubAt }: World): boolean {
  return app.undecided !== null || newerHubAt !== null || instances.some(({ release }) => release > app.last);
}

/** What is wrong with the app as a whole, or under way. */
function trouble(app: AppRecord, { instances, newerHubAt }: World): string | null {
  const highest = instances.reduce((most, { release }) => Math.max(most, release), 0);
  if (highest > app.last)
    return `v${highest} runs, this hub knows up to v${app.last}; fleet up or fleet rollback decides`;
  if (newerHubAt !== null) return newerHubText(newerHubAt);
  const underWay = releaseOf(app, app.underWay);
  if (underWay?.state === 'canary')
    return `v${underWay.release} is a canary; fleet promote or fleet rollback`;
  if (underWay) return `v${underWay.release} is under way (${underWay.state})`;
  return app.undecided === null ? null : `${app.undecided}; fleet up or fleet rollback decides`;
}

function serviceStatus(service: Service, scene: Scene): ServiceStatus {
  const { app, live, world } = scene;
  const here = ofService(world, service.name);
  const number = live && numberOf(live, service.name);
  const slots = wantedSlots(app, service);
  const taken = new Set(here.map(({ slot }) => slot));
  const missing = slots.filter(({ slot }) => !taken.has(slot));
  const instances = [
    ...here.map((one) => instanceStatus(one, scene)),
    ...missing.map(({ slot, drone }) => missingStatus({ service: service.name, slot, drone }, scene)),
  ].sort((a, b) => a.slot - b.slot || (a.release ?? 0) - (b.release ?? 0));
  return {
    count: countOf(app, service),
    file: service.count,
    scaled: Object.hasOwn(app.scale, service.name),
    ready: here.filter((one) => one.isGood && one.release === number).length,
    instances,
  };
}

function instanceStatus(instance: Instance, { app, directory }: Scene): InstanceStatus {
  const { slot, drone, id, port, state, why, release, isLeaving } = instance;
  const known = id === null ? undefined : directory.get(drone)?.processes.get(id);
  const status = known && statusNow(known);
  return {
    slot,
    drone,
    id,
    port,
    why,
    release,
    state: isLeaving ? 'leaving' : state,
    commit: releaseOf(app, release)?.commit ?? null,
    cpu: known?.report.cpu ?? null,
    memory: known?.report.memory ?? null,
    uptime: status?.uptime ?? null,
    restarts: status?.restarts ?? null,
    lastExit: status?.lastExit ?? null,
  };
}

/** Where an instance should be. */
interface Vacancy {
  service: string;
  slot: number;
  drone: string;
}

function missingStatus(vacancy: Vacancy, scene: Scene): InstanceStatus {
  const { slot, drone } = vacancy;
  return {
    ...{ slot, drone, id: null, port: null, release: null, commit: null, state: 'missing' },
    why: whyMissing(vacancy, scene),
    ...{ cpu: null, memory: null, uptime: null, restarts: null, lastExit: null },
  };
}

function whyMissing({ service, slot, drone }: Vacancy, { live, world, directory }: Scene): string | null {
  const known = directory.get(drone);
  if (!known) return `${drone} is lost`;
  if (known.lost !== null) return `${drone} is lost (${known.lost}s)`;
  if (!live) return null;
  const refused = world.startFailure({ service, slot, release: numberOf(live, service) });
  if (refused !== null) return `could not be started: ${refused}`;
  const prepared = world.prepared(drone, live.commit);
  if (prepared === 'under way') return 'its checkout is being prepared';
  return typeof prepared === 'object' && prepared ? prepared.why : null;
}
