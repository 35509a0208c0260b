import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findGitRoot } from '../git/root.ts';
import { FleetError } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import { closest } from '../system/closest.ts';
import { makeDirectory, writeJson } from '../system/json-file.ts';
import {
  type FleetFile,
  globalPath,
  type Remote,
  type Remotes,
  readFleetFile,
  searchPaths,
} from './fleet-json.ts';
import { misspelt } from './misspelt.ts';

/** A remote, and where it was found. */
export interface NamedRemote extends Remote {
  name: string;
  file: FleetFile;
}

/** Returns all remotes in these files. A remote in an earlier file hides one of the same name in a later one. Throws ECONFIG. */
export function allRemotes(paths: string[]): Remotes {
  const files = paths.map(readFleetFile);
  return Object.assign({}, ...files.reverse().map(({ remotes }) => remotes)) as Remotes;
}

/** Returns the remote of that name; undefined if there is none. Throws ECONFIG. */
export function findRemote(name: string, cwd: string, env: NodeJS.ProcessEnv): NamedRemote | undefined {
  for (const path of searchPaths(cwd, env)) {
    const file = readFleetFile(path);
    const remote = Object.hasOwn(file.remotes, name) ? file.remotes[name] : undefined;
    if (!remote) continue;
    const ca = remote.ca === undefined ? {} : { ca: resolve(dirname(path), remote.ca) };
    return { ...remote, ...ca, name, file };
  }
  return undefined;
}

/** Returns the error for a remote that does not exist in any of these files. */
export function noRemote(name: string, paths: string[], code: 'ENOREMOTE' | 'ECONFIG'): FleetError {
  const known = Object.keys(allRemotes(paths));
  const hint = misspelt(paths.map(readFleetFile));
  const meant = closest(name, known);
  const there =
    known.length > 0 ? `there are: ${known.join(', ')}` : 'there are none; see: fleet help remote';
  return new FleetError(
    code,
    `no remote '${name}'${meant ? `; did you mean ${meant}?` : ''}; ${there}${hint && `; ${hint}`}`,
  );
}

/** Returns the fleet.json that `remote add` writes. Throws ENOREPO outside of a git repository. */
export function pathToWrite(place: 'checkout' | 'global', cwd: string, env: NodeJS.ProcessEnv): string {
  if (place === 'global') return globalPath(env);
  const root = findGitRoot(cwd);
  if (root) return join(root, 'fleet.json');
  throw new FleetError(
    'ENOREPO',
    'not in a git repository; go to one, or keep the remote in your own configuration with --global',
  );
}

/** Returns the name, if a remote may have it. Throws EUSAGE. */
export function checkRemoteName(name: string): string {
  if (isName(name) && name !== '__proto__') return name;
  throw new FleetError('EUSAGE', `'${name}' cannot name a remote: letters, digits, '.', '_' and '-' only`);
}

/** The keys that `remote add` writes; others are the user's. */
const OWN_KEYS = new Set(['hub', 'secret', 'ca', 'fingerprint', 'env']);

/** Adds or replaces a remote, and keeps everything else in the file. Throws ECONFIG if the file is broken, EIO. */
export function addRemote(path: string, name: string, remote: Remote): void {
  const file = readFleetFile(path);
  const before = Object.hasOwn(file.remotes, name) ? Object.entries(file.remotes[name] ?? {}) : [];
  const users = Object.fromEntries(before.filter(([key]) => !OWN_KEYS.has(key)));
  makeDirectory(dirname(path));
  save(file, { ...file.remotes, [name]: { ...remote, ...users } });
}

/** Returns the first file that has a remote. Throws ECONFIG, with the names of those that exist, if none has. */
export function fileOf(paths: string[], name: string): FleetFile {
  const file = paths.map(readFleetFile).find(({ remotes }) => Object.hasOwn(remotes, name));
  if (file) return file;
  throw noRemote(name, paths, 'ECONFIG');
}

/** Removes a remote from the first file that has it. Throws ECONFIG, as above. */
export function removeRemote(paths: string[], name: string): void {
  const file = fileOf(paths, name);
  const { [name]: _, ...rest } = file.remotes;
  save(file, rest);
}

function save({ path, content }: FleetFile, remotes: Remotes): void {
  // A symbolic link is kept, and its target is written.
  writeJson(existsSync(path) ? realpathSync(path) : path, { ...content, remote: remotes });
}
