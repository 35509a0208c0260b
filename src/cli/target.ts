import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HubTarget } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import { fingerprintsOf, hubsOf, urlsOf } from '../protocol/hub-list.ts';
import type { Arguments } from './arguments.ts';
import { readFleetFile, searchPaths } from './fleet-json.ts';
import type { Surroundings } from './io.ts';
import { misspelt } from './misspelt.ts';
import { parseWait } from './quantity.ts';
import { findRemote, type NamedRemote, noRemote } from './remotes.ts';
import { readSecret } from './secret.ts';
import { requireTrusted } from './trust.ts';

/** A hub to connect to, and what its remote says of the repository and the environment. */
export interface Target extends HubTarget {
  timeout?: number | undefined;
  /** The name of the repository, if the remote has one. */
  repo: string | undefined;
  env: Record<string, string>;
}

/**
 * Returns the hub for a daemon, as below, but never from a fleet.json that no option names: whoever works in a checkout
 * means its hub's drones, and this machine would become one. Rejects with EUSAGE then, with a hint.
 */
export async function resolveDaemonTarget(args: Arguments, io: Surroundings, hint: string): Promise<Target> {
  const isNamed = args.has('hub') || args.has('remote') || Boolean(io.env['FLEET_HUB']);
  if (!isNamed && searchPaths(io.cwd, io.env).some((path) => existsSync(path)))
    throw new FleetError('EUSAGE', hint);
  return resolveTarget(args, io);
}

/**
 * Returns the hub for a command: from its options or the remote that they name, else from the environment, else from the
 * remote `default`. The secret of a remote is for its own hubs only. Rejects with ENOREMOTE, EUSAGE; ECONFIG also if the
 * remote is in a file that others may have written.
 */
export async function resolveTarget(args: Arguments, io: Surroundings): Promise<Target> {
  const { env } = io;
  const secretGiven = args.text('secret') ?? readSecret(args.text('secret-file'));
  const named = args.has('remote') ? namedRemote(args.text('remote') ?? '', io) : undefined;
  const hubGiven = args.text('hub') ?? named?.hub ?? (env['FLEET_HUB'] || undefined);
  const secretOfEnvironment = env['FLEET_SECRET'] || undefined;
  const isComplete = hubGiven !== undefined && (secretGiven ?? secretOfEnvironment) !== undefined;
  // If the options say everything, no file is read, and a broken one does no harm.
  const remote = named ?? (isComplete ? undefined : findRemote('default', io.cwd, env));
  const hub = hubGiven ?? remote?.hub;
  if (hub === undefined) throw noHub(io);
  const urls = urlsOf(hub);
  const own = new Set(remote?.hub === undefined ? [] : urlsOf(remote.hub));
  const isItsHub = urls.every((url) => own.has(url));
  // The remote's key, environment and repository are for its own hub only.
  const through = named ?? (hubGiven === undefined ? remote : undefined);
  if (through) await requireTrusted(through.file, env);
  const [ofNamed, ofDefault] = isItsHub ? [named?.secret, remote?.secret] : [];
  const fingerprint =
    args.text('fingerprint') ?? (through && fingerprintsOf(hub, { ...through, hub: through.hub ?? hub }));
  hubsOf({ hub, fingerprint });
  const [timeout, caGiven] = [args.text('timeout'), args.text('ca')];
  return {
    hub,
    secret: secretGiven ?? ofNamed ?? secretOfEnvironment ?? ofDefault,
    ca: caGiven === undefined ? through?.ca : resolve(io.cwd, caGiven), // git runs in another directory.
    fingerprint,
    timeout: timeout === undefined ? undefined : timeoutOf(timeout),
    repo: through?.repo,
    env: through?.env ?? {},
  };
}

function namedRemote(name: string, { cwd, env }: Surroundings): NamedRemote {
  const remote = findRemote(name, cwd, env);
  if (remote) return remote;
  throw noRemote(name, searchPaths(cwd, env), 'ENOREMOTE');
}

function noHub({ cwd, env }: Surroundings): FleetError {
  const hint = misspelt(searchPaths(cwd, env).map(readFleetFile));
  return new FleetError('ENOREMOTE', `Specify a --hub or set a remote.${hint && ` ${hint}`}`);
}

function timeoutOf(text: string): number {
  const timeout = parseWait(text, 'timeout');
  if (timeout > 0) return timeout;
  throw new FleetError('EUSAGE', `--timeout=${text} leaves no time; write 10s or 2m`);
}
