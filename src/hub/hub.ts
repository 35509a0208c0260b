import { resolve } from 'node:path';
import { DEFAULT_PORT } from '../protocol/address.ts';
import type { Hub, HubOptions } from '../protocol/daemon-options.ts';
import { stackOf } from '../protocol/errors.ts';
import { serveRpc } from '../rpc/server.ts';
import { makeDirectory } from '../system/json-file.ts';
import { acquireLock } from '../system/lock.ts';
import { removeUnfinished } from '../system/write-whole.ts';
import { Authenticator } from './access/authenticator.ts';
import { Authorizer } from './access/authorizer.ts';
import { hostFor, warningsOf } from './access/bind-policy.ts';
import { certificateOf, fingerprintOf } from './access/certificate.ts';
import { PendingConnections } from './access/pending-connections.ts';
import { RefusalLog } from './access/refusal-log.ts';
import { Sessions } from './access/sessions.ts';
import { serveClient } from './client-service.ts';
import { serveDrone } from './drones/drone-service.ts';
import { closeServer, listen, makeServer } from './listeners.ts';
import { makeGit, makeParts } from './parts.ts';

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
  removeUnfinished(dir);
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
  const pending = new PendingConnections();
  const refusals = new RefusalLog(log);
  const entry = new Authorizer(
    new Authenticator({ secret, tokens: parts.tokens, pending, refusals }),
    refusals,
  );
  const git = makeGit(dir, entry, parts);
  parts.deploys.git = git;
  const control = await makeServer(certificate, pending, (request, response) =>
    git.handle(request, response),
  );
  const gitServer = await makeServer(certificate, pending, (request, response) =>
    git.handle(request, response),
  );
  const peers = new Sessions(parts.tokens);
  const endRpc = serveRpc(control, {
    ...LIMITS,
    authenticate: (request) => entry.peer(request),
    onFault: (method, error) => log(`internal error in ${method}: ${stackOf(error)}`),
    onPeer: (peer, { role, principal }) => {
      peers.add(peer, principal);
      if (role === 'drone') serveDrone(peer, parts);
      else serveClient(peer, principal, parts);
    },
  });
  const close = async () => {
    // Drones that lose their hub now are expected back at the next one.
    parts.directory.removeAllListeners('lost');
    await Promise.all([endRpc(), git.close(), closeServer(control), closeServer(gitServer)]);
    await parts.audit.flush();
    parts.lastKnown.close(parts.directory.all());
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
