import { constants } from 'node:fs';
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const PREFIX = 'push-';
/** Milliseconds after which what is still there was left by a client that was killed. */
const MAX_AGE_MS = 24 * 3_600_000;

/**
 * What the name of a directory for one push begins with: in the user's cache, or among temporary files if that cannot be
 * written. Never rejects.
 */
export async function placeForPush(): Promise<string> {
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  const cache = join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'fleet');
  try {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    await access(cache, constants.W_OK);
    await sweep(cache);
    return join(cache, PREFIX);
  } catch {
    return join(tmpdir(), `fleet-${PREFIX}`);
  }
}

async function sweep(cache: string): Promise<void> {
  const left = (await readdir(cache)).filter((name) => name.startsWith(PREFIX));
  for (const path of left.map((name) => join(cache, name))) {
    // Another client may be done with it just now.
    const changed = (await stat(path).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (changed < Date.now() - MAX_AGE_MS) await rm(path, { recursive: true, force: true });
  }
}
