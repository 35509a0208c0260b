import { readdir, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, writeWhole } from './bundle.mjs';
import { declare } from './declarations.mjs';
import { licensesOf, packagesOf } from './licenses.mjs';
import { ROOT } from './paths.mjs';
import { sbomOf } from './sbom.mjs';

const DIST = join(ROOT, 'dist');
/** Written last, so that its time is that of the build. */
const LAST = join(DIST, 'THIRD_PARTY_LICENSES');
/** The packages in the bundle, for programs that look for vulnerable ones. */
export const SBOM = join(DIST, 'sbom.cdx.json');
const HOUR = 3_600_000;

const REQUIRED = `'use strict';
module.exports = Object.assign(require('./legacy.js').fleet, require('./api.js'));
`;
const IMPORTED = `import fleet from './index.js';
export const { connect, createHub, createDrone, FleetError } = fleet;
export default fleet;
`;

/**
 * Builds `dist/`: the program with its packages, their licenses and a bill of them, and types. Chunks of the last hour are kept, because a hub or
 * drone that runs from here may not have read all of them yet.
 */
export async function build() {
  await sweep(await make(), Date.now() - HOUR);
}

/** The same, without any files of earlier builds. */
export async function buildClean() {
  await sweep(await make(), Number.POSITIVE_INFINITY);
}

/** Returns the files that were built, relative to `dist/`. */
async function make() {
  const [{ files, sources }, types] = await Promise.all([bundle(DIST), declare(DIST)]);
  await writeWhole(join(DIST, 'index.js'), REQUIRED);
  await writeWhole(join(DIST, 'index.mjs'), IMPORTED);
  const packages = packagesOf(sources);
  await writeWhole(SBOM, await sbomOf(packages));
  await writeWhole(LAST, await licensesOf(packages));
  const own = ['index.js', 'index.mjs', 'sbom.cdx.json', 'THIRD_PARTY_LICENSES'];
  return new Set([...files, ...types, ...own]);
}

/** Returns true if `dist/` is missing or older than its sources. */
export async function isStale() {
  const built = await changed(LAST);
  const made = ['src', 'scripts'].map((dir) => newest(join(ROOT, dir)));
  return Math.max(await changed(join(ROOT, 'package-lock.json')), ...(await Promise.all(made))) > built;
}

/** Removes files that are not `current` and were last changed before `until`. */
async function sweep(current, until) {
  for (const entry of await readdir(DIST, { recursive: true, withFileTypes: true })) {
    // Node 20.11 and older know the folder as `path`, 24 and newer as `parentPath` only.
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const old = entry.isFile() && !current.has(relative(DIST, path));
    if (old && (await changed(path)) < until) await rm(path, { force: true });
  }
}

/** Returns when a file was last changed, in milliseconds since 1970; 0 if it does not exist. */
async function changed(path) {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0;
}

async function newest(dir) {
  const files = await readdir(dir, { recursive: true });
  return Math.max(...(await Promise.all(files.map((file) => changed(join(dir, file))))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
