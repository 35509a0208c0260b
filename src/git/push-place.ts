import { constants } from 'node:fs';
import { access, mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const PREFIX = 'push-';
/** A directory older than this was left behind by a client that was killed. */
const MAX_AGE_MS = 24 * 3_600_000;
/** What a push needs there, and more. */
const ROOM_BYTES = 256 * 1024;

/**
 * Returns the path prefix for a directory that is used for one push: in the user's cache, or in the directory for temporary
 * files if the cache is not writable or has no room. Removes what killed clients left there. Never rejects.
 */
export async function placeForPush(): Promise<string> {
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  const cache = join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'fleet');
  try {
    if (!isAbsolute(cache)) throw new Error('HOME is not set');
    await mkdir(cache, { recursive: true, mode: 0o700 });
    await access(cache, constants.W_OK);
    await sweep(cache);
    const { bavail, bsize } = await statfs(cache);
    if (bavail * bsize < ROOM_BYTES) throw new Error('the disk is full');
    return join(cache, PREFIX);
  } catch {
    return join(tmpdir(), `fleet-${PREFIX}`);
  }
}

async function sweep(cache: string): Promise<void> {
  const left = (await readdir(cache)).filter((name) => name.startsWith(PREFIX));
  for (const path of left.map((name) => join(cache, name))) {
    // Another client may remove it at the same time.
    const changed = (await stat(path).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (changed < Date.now() - MAX_AGE_MS) await rm(path, { recursive: true, force: true });
  }
}
