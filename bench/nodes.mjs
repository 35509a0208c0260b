import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const OTHERS = ['20', '22', '24', '26'];

/** Where `npm run test:nodes` keeps the Nodes that it has got from npm. */
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'fleet/nodes');

/** Returns the version and the program of each Node that is here: this one, and those of `npm run test:nodes`. */
export async function nodes() {
  const platform = `node-${process.platform}-${process.arch}`;
  const files = OTHERS.map((version) => join(CACHE, version, 'node_modules', platform, 'bin/node'));
  const found = [process.execPath, ...files.filter((file) => existsSync(file))];
  const named = await Promise.all(found.map(async (file) => [await versionOf(file), file]));
  return [...new Map(named.toReversed())].map(([version, file]) => ({ version, file })).toReversed();
}

async function versionOf(file) {
  return (await promisify(execFile)(file, ['--version'])).stdout.trim().slice(1);
}
