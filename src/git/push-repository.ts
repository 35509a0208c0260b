import { existsSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { makeBareRepository } from './bare-repository.ts';
import { isBare } from './root.ts';

const PREFIX = 'push-';
/** Milliseconds after which one that is still there was left by a client that was killed. */
const MAX_AGE_MS = 24 * 3_600_000;

/**
 * Makes a bare repository that borrows the objects of the checkout in `root` and has nothing else of it: no configuration,
 * no hooks, attributes or refs. Whoever asked for it removes it with {@link removePushRepository}. EIO.
 */
export async function makePushRepository(root: string): Promise<string> {
  let path: string | undefined;
  try {
    path = await makePlace();
    const { objects, shallow } = storeOf(root);
    await makeBareRepository(path, 'refs/heads/main', '');
    await writeFile(join(path, 'objects/info/alternates'), `${objects}\n`);
    if (existsSync(shallow)) await copyFile(shallow, join(path, 'shallow'));
    return path;
  } catch (cause) {
    if (path !== undefined) await removePushRepository(path);
    throw new FleetError('EIO', `cannot prepare a push of ${root}: ${messageOf(cause)}`, { cause });
  }
}

/** What cannot be removed is in nobody's way. */
export async function removePushRepository(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}

/** A new directory in the user's cache, or where temporary files are if there can be none. */
async function makePlace(): Promise<string> {
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  const cache = join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'fleet');
  try {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    await sweep(cache);
    return await mkdtemp(join(cache, PREFIX));
  } catch {
    return mkdtemp(join(tmpdir(), `fleet-${PREFIX}`));
  }
}

async function sweep(cache: string): Promise<void> {
  const left = (await readdir(cache)).filter((name) => name.startsWith(PREFIX));
  for (const path of left.map((name) => join(cache, name))) {
    // Another client may be done with it just now.
    const changed = (await stat(path).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (changed < Date.now() - MAX_AGE_MS) await removePushRepository(path);
  }
}

/** Where the objects of a checkout are, and its list of commits without parents. gitrepository-layout(5) */
function storeOf(root: string): { objects: string; shallow: string } {
  if (isBare(root)) return { objects: join(root, 'objects'), shallow: join(root, 'shallow') };
  const read = (path: string) => readFileSync(path, 'utf8').trim();
  const dotGit = join(root, '.git');
  // A worktree or a submodule has a file there, which points into the repository that it belongs to.
  const elsewhere = statSync(dotGit).isFile() ? /^gitdir: (.*)$/.exec(read(dotGit))?.[1] : undefined;
  const gitDir = resolve(root, elsewhere ?? '.git');
  const common = join(gitDir, 'commondir');
  const store = existsSync(common) ? resolve(gitDir, read(common)) : gitDir;
  return { objects: join(store, 'objects'), shallow: join(store, 'shallow') };
}
