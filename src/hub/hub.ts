import { resolve } from 'node:path';
import { DEFAULT_PORT } from '../protocol/address.ts';
import { stackOf } from '../protocol/errors.ts';
import { RpcServer } from '../rpc/server.ts';
import { makeDirectory } from '../system/json-file.ts';
import { acquireLock } from '../system/lock.ts';
import { Reserve } from '../system/reserve.ts';
import { demandSound } from '../system/state-directory.ts';
import { removeUnfinished } from '../system/write-whole.ts';
import { type Access, openAccess } from './access/access.ts';
import { hostFor, warningsOf } from './access/bind-policy.ts';
import { certificateOf, expiryOf, fingerprintOf } from './access/certificate.ts';
import { PendingConnections } from './access/pending-connections.ts';
import { ServedCertificate } from './access/served-certificate.ts';
import { Shares } from './access/shares.ts';
import { BranchReleases } from './apps/branch-releases.ts';
import { makeApps } from './apps/make-apps.ts';
import { InPlaceRestarts } from './apps/restart-in-place.ts';
import { makeAudit } from './audit/make-audit.ts';
import { handlersOf } from './client-service.ts';
import { aboutHandlers } from './cluster/about-handlers.ts';
import { hubList, ownHub } from './cluster/hub-list.ts';
import { deployToLateJoins } from './cluster/late-joins.ts';
import { Trails } from './cluster/trails.ts';
import { whereaboutsOf } from './cluster/whereabouts.ts';
import { CommitSizes } from './commit-sizes.ts';
import { Deploys } from './deploys.ts';
import { LastKnown } from './drones/last-known.ts';
import { expectedDrones, recallDrones, reserveNames } from './drones/recalled.ts';
import { RejoinWindow } from './drones/rejoin-window.ts';
import { CountedDeeds } from './events/counted-deeds.ts';
import { Subscribers } from './events/subscribers.ts';
import { Execs } from './execs.ts';
import { makeFront } from './front.ts';
import { closeServer, listen, makeServer } from './listeners.ts';
import { makeGit, releasesOf } from './make-git.ts';
import type { Hub, HubOptions } from './options.ts';
import { PEER_LIMITS } from './peer-limits.ts';
import { ProcessIds } from './process-ids.ts';
import { Processes } from './processes.ts';
import { PushedCommits } from './pushed-commits.ts';
import { openRemembered } from './remembered.ts';
import { gitRoutes, peerRoutes } from './routes.ts';
import { openStores, type Stores } from './stores.ts';
import { trafficRoute } from './traffic/traffic-route.ts';
import { makeUpkeep } from './upkeep.ts';

const OUTDATED =
  'the secret that this hub is started with was replaced; it goes on with the new one: give it that, too';

/** What is in a hub's directory, as far as it is the hub's alone. */
const STATE_FOLDERS = ['repos', 'apps', 'reserve'];

/**
 * Starts a hub: the control service for clients and drones, and the git service. Throws EINUSE if a port or the
 * directory is in use, EIO for the directory, ECONFIG for one of the hub's files or a certificate, EUSAGE.
 */
export async function createHub(options: HubOptions = {}): Promise<Hub> {
  const dir = resolve(options.dir ?? '.');
  makeDirectory(dir);
  demandSound(dir, { what: 'the hub', file: 'hub.json', folders: STATE_FOLDERS });
  const lock = await acquireLock(`${dir}/hub.lock`, 'a hub');
  if (lock.problem !== null) options.log?.(lock.problem);
  removeUnfinished(dir);
  const reserve = new Reserve(dir, (line) => options.log?.(line));
  const release = () => {
    reserve.close();
    lock.release();
  };
  let stores: Stores | undefined;
  try {
    stores = await openStores(dir, options, options.log ?? (() => {}));
    return await startHub(dir, stores, options, release);
  } catch (error) {
    await stores?.close();
    release();
    throw error;
  }
}

async function startHub(dir: string, stores: Stores, options: HubOptions, release: () => void): Promise<Hub> {
  const log = options.log ?? (() => {});
  const secret = options.secret === '' ? undefined : options.secret;
  const certificate = await certificateOf(dir, options);
  const exposure = { secret, insecure: options.insecure ?? false, hasTls: certificate !== null };
  const host = hostFor({ ...exposure, host: options.host });
  const warnings = [...warningsOf({ ...exposure, host }), ...expiryOf(certificate)];
  const served = new ServedCertificate(certificate, () => certificateOf(dir, options), log);

  const access = await openAccess(stores.shared, secret);
  if (access.secrets.isOutdated) warnings.push(OUTDATED);
  const pending = new PendingConnections();
  const services = await makeServices(dir, stores, options, access, log);
  const router = makeFront(options, { secret, access, served, pending, services, log });

  const control = await makeServer(certificate, pending);
  control.on('request', router.handle).on('upgrade', router.upgrade);
  const gitServer = await makeServer(certificate, pending);
  gitServer.on('request', router.handle);

  const close = async () => {
    served.close();
    router.close();
    access.secrets.close();
    await Promise.all([services.close(), closeServer(control), closeServer(gitServer)]);
    await stores.close();
    release();
  };
  try {
    const port = await listen(control, options.port ?? DEFAULT_PORT, host);
    const gport = await listen(gitServer, options.gport ?? (options.port === 0 ? 0 : port + 1), host);
    const fingerprint = fingerprintOf(certificate);
    const { advertise } = options;
    const where = whereaboutsOf({ advertise, host, port, gport, fingerprint, hasTls: certificate !== null });
    services.self.address = where.advertise;
    stores.cluster?.open(where);
    const reload = () => void served.renew([control, gitServer]);
    const failed = stores.cluster?.displaced ?? new Promise<never>(() => {});
    return { port, gport, host: host ?? '', fingerprint, warnings, failed, reload, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes what serves those who are let in. Throws ECONFIG if a file in the directory is not one that a hub wrote. */
async function makeServices(
  dir: string,
  { own, shared: store, cluster }: Stores,
  options: HubOptions,
  access: Access,
  log: (line: string) => void,
) {
  const { secrets, tokens, keys, passes, sessions } = access;
  const { seen, deployed, events } = await openRemembered({ own, shared: store }, log);
  const audit = makeAudit(dir, options, events, log);
  const deeds = new CountedDeeds(events);
  const shares = new Shares();
  const lastKnown = new LastKnown(dir, log);
  const directory = recallDrones(seen, lastKnown.load(), events);
  reserveNames(tokens, directory);
  lastKnown.follow(() => directory.all());
  const rejoining = new RejoinWindow(expectedDrones(seen));
  directory.on('joined', ({ identity }) => rejoining.back(identity));
  const ready = rejoining.over;
  const subscribers = new Subscribers(directory, events);
  const execs = new Execs();
  const ids = new ProcessIds(directory, execs, cluster && (await cluster.idRange()));
  const { gitStore, git, commits } = await makeGit({ dir, shared: store, cluster, options, passes, log });
  const deploys = new Deploys(git, directory, deployed, new CommitSizes(gitStore));
  const led = cluster?.shareApps({ directory, events });
  const appService = await makeApps({
    ...{ dir, store, directory, events, git, gitStore, rejoining, log, ids, ...(led && { cluster: led }) },
    newestDeployed: (repo) => deployed.newest(repo),
  });
  const pushed = new PushedCommits(deploys, events, deeds, new BranchReleases(appService, events), log);
  const upkeep = makeUpkeep({ store: gitStore, git, deployed, directory, events, appService, cluster, log });
  const trails = new Trails(audit, cluster);
  const self = ownHub(cluster, { directory, store: gitStore, leader: appService.leader });
  if (cluster) deployToLateJoins(deployed, directory);
  const catchUp = commits?.start(() => [...deployed.list(), ...releasesOf(appService.apps.all())]);
  cluster?.serve(() => aboutHandlers(self, trails, upkeep.repositories));
  const shared = { directory, subscribers, execs, events, deploys, rejoining, log };
  const relay = await cluster?.shareDrones(shared);
  const restarts = new InPlaceRestarts(appService);
  const processes = new Processes(directory, execs, rejoining, ids, restarts, relay?.heard);

  const parts = {
    ...{ seen, directory, ready, events, deeds, shares, subscribers, execs },
    ...{ processes, deploys, appService, ...upkeep, hubs: () => hubList(self, cluster?.hubs()) },
    ...{ audit, trails, log, secrets, tokens, keys, passes, traffic: appService.traffic, relay },
    vault: appService.parts.vault,
  };
  led?.serve({ directory, appService, handlersOf: (client) => handlersOf(client, parts) });
  const rpc = new RpcServer({
    ...PEER_LIMITS,
    hub: cluster?.name,
    onFault: (method, error) => log(`internal error in ${method}: ${stackOf(error)}`),
  });
  return {
    self,
    routes: [...gitRoutes(git, pushed, audit, shares), trafficRoute(appService.traffic)],
    upgrades: peerRoutes(rpc, sessions, parts),
    deeds,
    close: async () => {
      // Drones that are connected now are expected back at the next hub.
      directory.removeAllListeners();
      relay?.close();
      upkeep.pruning.close();
      appService.traffic.close();
      await led?.close();
      await appService.apps.close();
      await Promise.all([rpc.close(), catchUp?.close(), git.close()]);
      deeds.close();
      await audit.close();
      lastKnown.close(directory.all());
      await seen.close();
    },
  };
}
