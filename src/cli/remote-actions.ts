import { resolve } from 'node:path';
import { fingerprintToPin, parseAddress } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Arguments } from './arguments.ts';
import { globalPath, type Remote, searchPaths } from './fleet-json.ts';
import { note, type Output, type Surroundings, say } from './io.ts';
import { addRemote, allRemotes, checkRemoteName, pathToWrite, removeRemote } from './remotes.ts';
import { readSecret } from './secret.ts';

function nameOf({ words, verb }: Arguments): string {
  if (words.length > 1) throw new FleetError('EUSAGE', `give the remote one name: fleet remote ${verb} NAME`);
  return checkRemoteName((words[0] ?? 'default').replace(/^\+/, ''));
}

const pathsOf = (args: Arguments, { cwd, env }: Surroundings) =>
  args.has('global') ? [globalPath(env)] : searchPaths(cwd, env);

/** Runs `fleet remote ls`. Throws ECONFIG, EUSAGE. */
export function list(args: Arguments, io: Output & Surroundings): void {
  if (args.words.length > 0)
    throw new FleetError('EUSAGE', `fleet remote ls takes no argument '${args.words[0]}'`);
  say(io, JSON.stringify(allRemotes(pathsOf(args, io)), null, 2));
}

/** Runs `fleet remote rm`. Throws ECONFIG, EUSAGE. */
export function remove(args: Arguments, io: Surroundings): void {
  removeRemote(pathsOf(args, io), nameOf(args));
}

/** Runs `fleet remote add`. Throws EUSAGE, ENOREPO, ECONFIG, EIO. */
export async function add(args: Arguments, io: Output & Surroundings): Promise<void> {
  const name = nameOf(args);
  const remote = remoteOf(args, io);
  const path = pathToWrite(args.has('global') ? 'global' : 'checkout', io.cwd, io.env);
  addRemote(path, name, remote);
  if (args.has('global') || remote.secret === undefined) return;
  const { isTracked } = await import('../git/checkout-info.ts');
  if (await isTracked(path)) {
    note(
      io,
      `fleet.json is tracked by git, so everyone who can read the repository can read the secret; untrack it (git rm --cached fleet.json), or use: fleet remote add --global ${name}`,
    );
  }
}

/** Returns the remote that the arguments describe. Throws EUSAGE if the address or the fingerprint is not valid. */
function remoteOf(args: Arguments, { cwd }: Surroundings): Remote {
  const hub = args.text('hub');
  if (hub === undefined) throw new FleetError('EUSAGE', 'which hub? give --hub=HOST:PORT');
  parseAddress(hub);
  const [ca, fingerprint] = [args.text('ca'), args.text('fingerprint')];
  if (fingerprint !== undefined) fingerprintToPin(fingerprint);
  const secret = args.text('secret') ?? readSecret(args.text('secret-file'));
  return {
    hub,
    ...(secret === undefined ? {} : { secret }),
    ...(ca === undefined ? {} : { ca: resolve(cwd, ca) }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(args.has('env') ? { env: args.pairs('env') } : {}),
  };
}
