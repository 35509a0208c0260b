import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { Build, Draft } from './draft.ts';
import { evaluate } from './evaluate.ts';
import { fromPm2 } from './from-pm2.ts';
import { fromProcfile } from './from-procfile.ts';
import { buildOf, fromScripts, toPackage } from './from-scripts.ts';

const PACKAGE = 'package.json';

/** What is looked for if no file is named; the first that is there is used. */
export const SOURCES: readonly string[] = [
  'Procfile',
  'ecosystem.config.js',
  'ecosystem.config.cjs',
  'ecosystem.config.mjs',
  'ecosystem.config.json',
  'ecosystem.json',
  'pm2.json',
  PACKAGE,
];

/** Returns the file that a fleet.toml is made from. Throws ECONFIG if the directory has none. */
export function findSource(dir: string): string {
  const name = SOURCES.find((one) => existsSync(join(dir, one)));
  if (name !== undefined) return join(dir, name);
  throw new FleetError(
    'ECONFIG',
    `${dir} has no Procfile, no ecosystem.config.js and no package.json; name a file with --from=FILE, or write a fleet.toml yourself: fleet help fleet.toml`,
  );
}

/** Returns what the file says. `node` evaluates JavaScript. Throws ECONFIG, EIO. */
export async function readDraft(path: string, node: string): Promise<Draft> {
  const extension = extname(path);
  if (basename(path) === PACKAGE) return fromScripts(toPackage(readJson(path)));
  if (extension === '.json') return fromPm2(readJson(path));
  if (/^\.[cm]?js$/.test(extension)) return fromPm2(await evaluate(path, dirname(path), node));
  if (/^\.(?:ya?ml|toml|ts)$/.test(extension)) {
    throw new FleetError(
      'ECONFIG',
      `${path} is not read by fleet init; it reads a Procfile, JavaScript and JSON`,
    );
  }
  return fromProcfile(read(path));
}

/** Returns how the app of a directory is built, if it has a package.json that asks for that. Throws ECONFIG, EIO. */
export function readBuild(dir: string): Build | undefined {
  const path = join(dir, PACKAGE);
  return existsSync(path) ? buildOf(toPackage(readJson(path)), readdirSync(dir)) : undefined;
}

function readJson(path: string): unknown {
  const text = read(path);
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new FleetError('ECONFIG', `${path} is not valid JSON: ${messageOf(cause)}`, { cause });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
