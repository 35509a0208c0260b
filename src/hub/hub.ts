import { resolve } from 'node:path';
import { makeDirectory } from '../adapters/json-file.ts';
import { acquireLock } from '../adapters/lock.ts';
import { serveRpc } from '../adapters/rpc-server.ts';
import { DEFAULT_PORT } from '../protocol/address.ts';
import type { Hub, HubOptions } from '../protocol/daemon-options.ts';
import { serveClient } from './client-service.ts';
import { Doors } from './doors.ts';
import { serveDrone } from './drone-service.ts';
import { Entry } from './entry.ts';
import { hostFor, warningsOf } from './exposure.ts';
import { closeServer, listen, makeServer } from './listeners.ts';
import { LivePeers } from './live-peers.ts';
import { Lobby } from './lobby.ts';
import { makeGit, makeParts } from './parts.ts';
import { RefusalLog } from './refusal-log.ts';
import { certificateOf, fingerprintOf } from './tls.ts';

/** What one peer may ask of a hub, and how many there may be. */
const LIMITS = {
  /** Calls under way at once. A drone reports in bursts, a client does one thing. */
  maxPending: 10_000,
  /** Messages a second, in the long run. */
  rate: 20_000,
  maxPeers: 10_000,
  maxPeersPerAddress: 5_000,
};

/**
 * Starts a hub: the control service for clients and drones, and the git service. Rejects with EINUSE (a port, or the
 * directory), EIO (the directory), ECONFIG (a file of the hub's, a certificate), EUSAGE.
 */
export async function createHub(options: HubOptions = {}): Promise<Hub> {
  const dir = resolve(options.dir ?? '.');
  makeDirectory(dir);
  const lock = await acquireLock(`${dir}/hub.lock`, 'a hub');
  try {
    return await startHub(dir, options, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startHub(dir: string, options: HubOptions, release: () => void): Promise<Hub> {
  const log = options.log ?? (() => {});
  const certificate = await certificateOf(dir, options);
  const fingerprint = fingerprintOf(certificate);
  const secret = options.secret === '' ? undefined : options.secret;
  const asked = { secret, insecure: options.insecure ?? false, hasTls: certificate !== null };
  const host = hostFor({ ...asked, host: options.host });
  const parts = makeParts(dir, log);
  const lobby = new Lobby();
  const refusals = new RefusalLog(log);
  const entry = new Entry(new Doors({ secret, tokens: parts.tokens, lobby, refusals }), refusals);
  const git = makeGit(dir, entry, parts);
  parts.deploys.git = git;
  const control = await makeServer(certificate, lobby, (request, response) => git.handle(request, response));
  const gitServer = await makeServer(certificate, lobby, (request, response) =>
    git.handle(request, response),
  );
  const peers = new LivePeers(parts.tokens);
  const endRpc = serveRpc(control, {
    ...LIMITS,
    authenticate: (request) => entry.peer(request),
    onPeer: (peer, { role, principal }) => {
      peers.add(peer, principal);
      if (role === 'drone') serveDrone(peer, parts);
      else serveClient(peer, principal, parts);
    },
  });
  const close = async () => {
    await Promise.all([endRpc(), git.close(), closeServer(control), closeServer(gitServer)]);
    await parts.audit.flush();
    parts.state.close();
    release();
  };
  try {
    const port = await listen(control, options.port ?? DEFAULT_PORT, host);
    const gport = await listen(gitServer, options.gport ?? (options.port === 0 ? 0 : port + 1), host);
    const warnings = warningsOf({ ...asked, host });
    return { port, gport, host: host ?? '', fingerprint, warnings, close };
  } catch (error) {
    await close();
    throw error;
  }
}
