import { basename, dirname, resolve } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { hubsOf } from '../protocol/hub-list.ts';
import type { Arguments } from './arguments.ts';
import { globalPath, type Remote, readFleetFile, searchPaths } from './fleet-json.ts';
import { note, type Output, type Surroundings, say, sayJson } from './io.ts';
import { addRemote, allRemotes, checkRemoteName, fileOf, pathToWrite, removeRemote } from './remotes.ts';
import { readSecret } from './secret.ts';
import { agree, keepingTrust } from './trust.ts';

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
  sayJson(io, allRemotes(pathsOf(args, io)));
}

/** Runs `fleet remote rm`. Throws ECONFIG, EUSAGE. */
export async function remove(args: Arguments, io: Surroundings): Promise<void> {
  const [name, paths] = [nameOf(args), pathsOf(args, io)];
  await keepingTrust(fileOf(paths, name).path, io.env, () => removeRemote(paths, name));
}

/** Runs `fleet remote trust`. Throws EUSAGE, ECONFIG, EIO. */
export function trust(args: Arguments, io: Output & Surroundings): void {
  if (args.words.length > 0)
    throw new FleetError('EUSAGE', `fleet remote trust takes no argument '${args.words[0]}'`);
  const files = searchPaths(io.cwd, io.env).filter((path) => path !== globalPath(io.env));
  const file = files.map(readFleetFile).find(({ stats }) => stats !== null);
  if (!file) throw new FleetError('ECONFIG', 'there is no fleet.json here; see: fleet help remote');
  agree(file, io.env);
  const hubs = Object.entries(file.remotes).map(([name, { hub }]) => `${name} ${hub ?? 'without a hub'}`);
  say(io, `trusted ${file.path} as it is now: ${hubs.join(', ') || 'no remotes'}`);
}

/** Runs `fleet remote add`. Throws EUSAGE, ENOREPO, ECONFIG, EIO. */
export async function add(args: Arguments, io: Output & Surroundings): Promise<void> {
  const name = nameOf(args);
  const remote = remoteOf(args, io);
  const path = pathToWrite(args.has('global') ? 'global' : 'checkout', io.cwd, io.env);
  await keepingTrust(path, io.env, () => addRemote(path, name, remote));
  if (!args.has('global')) await keepOutOfGit(path, name, remote, io);
}

/** Keeps a fleet.json out of commits, and says so; or says that it is in one already. */
async function keepOutOfGit(path: string, name: string, { secret }: Remote, io: Output): Promise<void> {
  const { isTracked } = await import('../git/tracked.ts');
  if (await isTracked(path)) {
    const line = `fleet.json is tracked by git, so everyone who can read the repository can read the secret; untrack it (git rm --cached fleet.json), or use: fleet remote add --global ${name}`;
    if (secret !== undefined) note(io, line);
    return;
  }
  const { exclude } = await import('../git/excluded.ts');
  if (await exclude(dirname(path), basename(path)))
    note(io, 'git ignores fleet.json from now on: /fleet.json is in .git/info/exclude');
}

/** Returns the remote that the arguments describe. Throws EUSAGE if the address or the fingerprint is not valid. */
function remoteOf(args: Arguments, { cwd }: Surroundings): Remote {
  const hub = args.text('hub');
  if (hub === undefined) throw new FleetError('EUSAGE', 'which hub? give --hub=HOST:PORT');
  const [ca, fingerprint] = [args.text('ca'), args.text('fingerprint')];
  hubsOf({ hub, fingerprint });
  const secret = args.text('secret') ?? readSecret(args.text('secret-file'));
  return {
    hub,
    ...(secret === undefined ? {} : { secret }),
    ...(ca === undefined ? {} : { ca: resolve(cwd, ca) }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(args.has('env') ? { env: args.pairs('env') } : {}),
  };
}
