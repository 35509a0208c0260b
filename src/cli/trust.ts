import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { makeDirectory, readJson, writeJson } from '../system/json-file.ts';
import { type FleetFile, globalPath, readFleetFile } from './fleet-json.ts';

// A fleet.json names the hub that gets commits and secrets. One that came with a clone, or that another user has put into a
// directory above, is not the user's own: it counts only after they have looked at it.

/** Throws ECONFIG if somebody other than the user may have written this file, and the user has not agreed to it. */
export async function requireTrusted(file: FleetFile, env: NodeJS.ProcessEnv): Promise<void> {
  const why = await whyStrange(file, env);
  if (why === null || isAgreed(file, env)) return;
  throw new FleetError('ECONFIG', `${file.path} ${why}; look at it, then: fleet remote trust`);
}

/** Returns true if the file counts, as above. */
export async function isTrusted(file: FleetFile, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (Object.keys(file.remotes).length === 0 || isAgreed(file, env)) return true;
  return (await whyStrange(file, env)) === null;
}

/** Remembers that the user agrees to this file as it is now, at this path. Throws ECONFIG, EIO. */
export function agree(file: FleetFile, env: NodeJS.ProcessEnv): void {
  const path = pathOf(env);
  makeDirectory(dirname(path));
  writeJson(path, { ...agreed(env), [realpathSync(file.path)]: hashOf(file.text) });
}

/** Changes a file by `change`, which the user asked for: if it was trusted before, it is from now on, whoever gets to own it. */
export async function keepingTrust(path: string, env: NodeJS.ProcessEnv, change: () => void): Promise<void> {
  const wasTrusted = await isTrusted(readFleetFile(path), env);
  change();
  if (wasTrusted && path !== globalPath(env)) agree(readFleetFile(path), env);
}

/** Returns why others may have written it; null if it is the user's own. */
async function whyStrange({ path, stats }: FleetFile, env: NodeJS.ProcessEnv): Promise<string | null> {
  if (stats === null || path === globalPath(env)) return null;
  if (!isOwn(stats.uid, env)) return 'belongs to another user, who chooses the hub';
  if ((stats.mode & 0o022) !== 0) {
    const [{ ownGroup }, { writersOf }] = await Promise.all([
      import('../system/own-group.ts'),
      import('../system/strict-modes.ts'),
    ]);
    const who = writersOf(stats, ownGroup());
    if (who !== '') return `can be written by others (chmod ${who}-w helps), who choose the hub`;
  }
  const { isTracked } = await import('../git/tracked.ts');
  if (await isTracked(path)) return 'is tracked by git, so whoever can push to it chooses the hub';
  return null;
}

/** True for files of this user, of root, and of the user who became root with sudo. git-config(1), safe.directory */
function isOwn(owner: number, env: NodeJS.ProcessEnv): boolean {
  const user = process.geteuid?.() ?? owner;
  return owner === user || owner === 0 || (user === 0 && String(owner) === env['SUDO_UID']);
}

const pathOf = (env: NodeJS.ProcessEnv) => join(dirname(globalPath(env)), 'trusted.json');

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

function agreed(env: NodeJS.ProcessEnv): Record<string, unknown> {
  return (readJson(pathOf(env)) ?? {}) as Record<string, unknown>;
}

function isAgreed(file: FleetFile, env: NodeJS.ProcessEnv): boolean {
  return file.stats !== null && agreed(env)[realpathSync(file.path)] === hashOf(file.text);
}
