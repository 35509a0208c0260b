import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import { createGitServer, type GitAccess, type GitServer, type GitVerdict } from '../adapters/git-server.ts';
import { makeDirectory } from '../adapters/json-file.ts';
import { acquireLock } from '../adapters/lock.ts';
import type { Peer } from '../adapters/rpc.ts';
import { serveRpc, type Verdict } from '../adapters/rpc-server.ts';
import { DEFAULT_PORT } from '../protocol/address.ts';
import type { Hub, HubOptions } from '../protocol/daemon-options.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { Audit } from './audit.ts';
import { serveClient } from './client-service.ts';
import { Deploys } from './deploys.ts';
import { Doors } from './doors.ts';
import { serveDrone } from './drone-service.ts';
import { Execs } from './execs.ts';
import { type Certificate, closeServer, listen, makeServer, readCertificate } from './listeners.ts';
import { demandRepo, demandRight, type Principal } from './principal.ts';
import { Registry } from './registry.ts';
import { Runs } from './runs.ts';
import { StateFile } from './state.ts';
import { Subscribers } from './subscribers.ts';
import { Tokens } from './tokens.ts';

/** Calls of one peer that may be under way at once. A drone reports in bursts, a client does one thing. */
const MAX_PENDING = 10_000;
/** How often connections of tokens that have ended are looked for. */
const SWEEP_EVERY = 30_000;

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
  const secret = options.secret === '' ? undefined : options.secret;
  const parts = makeParts(dir, log);
  const doors = new Doors(secret, parts.tokens, log);
  const git = makeGit(dir, doors, log, (repo, commit) => parts.deploys.deploy(repo, commit, () => {}));
  parts.deploys.git = git;
  const control = await makeServer(certificate, (request, response) => git.handle(request, response));
  const gitServer = await makeServer(certificate, (request, response) => git.handle(request, response));
  const peers = new Map<Peer, Principal>();
  const endRpc = serveRpc(control, {
    maxPending: MAX_PENDING,
    authenticate: (request) => admitPeer(doors, request),
    onPeer: (peer, who) => {
      peers.set(peer, who.principal);
      void peer.closed.then(() => peers.delete(peer));
      if (who.role === 'drone') serveDrone(peer, parts);
      else serveClient(peer, who.principal, parts);
    },
  });
  const sweep = setInterval(() => endInvalid(peers), SWEEP_EVERY).unref();
  const close = async () => {
    clearInterval(sweep);
    endRpc();
    await Promise.all([git.close(), closeServer(control), closeServer(gitServer)]);
    await parts.audit.flush();
    parts.state.close();
    release();
  };
  try {
    const host = options.host ?? (secret === undefined && !options.insecure ? '127.0.0.1' : undefined);
    const port = await listen(control, options.port ?? DEFAULT_PORT, host);
    const gport = await listen(gitServer, options.gport ?? (options.port === 0 ? 0 : port + 1), host);
    const warnings = warningsOf(options, secret, host, certificate);
    return { port, gport, host: host ?? '', fingerprint: fingerprintOf(certificate), warnings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function makeParts(dir: string, log: (line: string) => void) {
  const state = new StateFile(dir, log);
  const registry = new Registry();
  for (const [identity, { name, seen, connected }] of Object.entries(state.state.drones)) {
    registry.remember(name, identity, connected ? 0 : Date.now() - seen);
  }
  registry.on('lost', ({ identity, name }) => {
    state.state.drones[identity] = { name, seen: Date.now(), connected: false };
    state.save();
  });
  const subscribers = new Subscribers(registry);
  const execs = new Execs();
  const runs = new Runs(registry, execs);
  const deploys = new Deploys(registry, state);
  return {
    state,
    registry,
    subscribers,
    execs,
    runs,
    deploys,
    audit: new Audit(dir, log),
    tokens: new Tokens(dir),
    log,
  };
}

function makeGit(
  dir: string,
  doors: Doors,
  log: (line: string) => void,
  deploy: (repo: string, commit: string) => Promise<unknown>,
): GitServer {
  return createGitServer({
    dir: `${dir}/repos`,
    authorize: (request, access) => admitGit(doors, request, access),
    onPush: ({ repo, commit }) => {
      deploy(repo, commit).catch((error: unknown) => log(`deploying ${repo}/${commit}: ${messageOf(error)}`));
    },
    log,
  });
}

/** A websocket comes in as a drone or as a client; each needs its own right for that. */
async function admitPeer(
  doors: Doors,
  request: IncomingMessage,
): Promise<Verdict<{ principal: Principal; role: 'client' | 'drone' }>> {
  const verdict = await doors.admit(request);
  if (!verdict.ok) return verdict;
  const role = /^\/v1\/(client|drone)$/.exec(request.url ?? '')?.[1] as 'client' | 'drone' | undefined;
  if (!role) return { ok: false, status: 404, message: 'this hub speaks version 1 of the protocol only' };
  try {
    if (role === 'drone') demandRight(verdict.who, 'drone');
  } catch (error) {
    return { ok: false, status: 403, message: messageOf(error) };
  }
  return { ok: true, who: { principal: verdict.who, role } };
}

/** A push takes the right to deploy; a fetch that of a drone, a reader or a deployer. */
async function admitGit(
  doors: Doors,
  request: IncomingMessage,
  access: GitAccess | null,
): Promise<GitVerdict> {
  const verdict = await doors.admit(request);
  if (!verdict.ok) return { ok: false, status: verdict.status === 429 ? 429 : 401, message: verdict.message };
  const { who } = verdict;
  try {
    if (access?.write) demandRight(who, 'deploy');
    else if (access && !who.rights.has('drone') && !who.rights.has('deploy')) demandRight(who, 'read');
    if (access) demandRepo(who, access.repo);
  } catch (error) {
    return { ok: false, status: 403, message: messageOf(error) };
  }
  return { ok: true, who: who.name };
}

function endInvalid(peers: Map<Peer, Principal>): void {
  for (const [peer, who] of peers) {
    if (!who.isValid()) peer.close(4003, `the token '${who.name}' has expired or was removed`);
  }
}

async function certificateOf(dir: string, { cert, key, tls }: HubOptions): Promise<Certificate | null> {
  if (Boolean(cert) !== Boolean(key)) throw new FleetError('EUSAGE', 'give --cert and --key together');
  if (cert && key) return readCertificate(resolve(cert), resolve(key));
  if (!tls) return null;
  const { ownCertificate } = await import('./own-certificate.ts');
  return ownCertificate(dir);
}

/** What a client pins with --fingerprint: the sha256 of the public key. Null without TLS; ECONFIG for a broken file. */
function fingerprintOf(certificate: Certificate | null): string | null {
  if (!certificate) return null;
  const key = new X509Certificate(certificate.cert).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}

function warningsOf(
  options: HubOptions,
  secret: string | undefined,
  host: string | undefined,
  certificate: Certificate | null,
): string[] {
  const loopback = host !== undefined && /^(127\.|::1$|localhost$)/.test(host);
  if (secret === undefined && !loopback)
    return ['no secret: anyone who can reach this port can run commands on every drone'];
  if (secret === undefined)
    return ['no secret: listening on loopback only; give --secret to be reached from other machines'];
  if (loopback || certificate || options.insecure) return [];
  return [
    'no TLS: whoever can read the network can read the secret; see --tls, or put a proxy with TLS before it',
  ];
}
