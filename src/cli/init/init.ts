import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseAppFile } from '../../app-file/app-file.ts';
import { findGitRoot } from '../../git/root.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { type Installation, note, type Output, type Surroundings, say } from '../io.ts';
import { appToml } from './app-toml.ts';
import { findSource, readBuild, readDraft } from './source.ts';

const TOML = 'fleet.toml';

/**
 * Writes a fleet.toml into the root of the checkout, or the current directory outside of one, and says what it did not
 * take. `from` is the file to make it from. Throws ECONFIG if a fleet.toml is there, or if what was made would be a
 * mistake; EIO.
 */
export async function init(
  from: string | undefined,
  io: Output & Surroundings & Installation,
): Promise<void> {
  const dir = findGitRoot(io.cwd) ?? io.cwd;
  const path = join(dir, TOML);
  if (existsSync(path)) throw isThere(path);
  const source = from === undefined ? findSource(dir) : resolve(io.cwd, from);
  const draft = await readDraft(source, io.self[0]);
  const name = relative(dir, source);
  if (draft.services.length === 0) throw new FleetError('ECONFIG', withoutServices(name));
  const toml = appToml(draft, readBuild(dir));
  const procfile = join(dir, 'Procfile');
  const { services } = parseAppFile({
    procfile: existsSync(procfile) ? readFileSync(procfile, 'utf8') : null,
    toml,
    stage: null,
  });
  write(path, toml);
  say(io, `wrote ${TOML} from ${name}: ${services.map((service) => service.name).join(' ')}`);
  for (const { what, why } of draft.left) note(io, `not taken: ${what}: ${why}`);
  if (existsSync(procfile)) note(io, `the Procfile is read, too; where both say something, ${TOML} wins`);
}

const withoutServices = (name: string) =>
  name.endsWith('package.json')
    ? `${name} has no script that is known to be a service: start, start:NAME or worker`
    : `${name} has no services`;

function write(path: string, toml: string): void {
  try {
    writeFileSync(path, toml, { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw isThere(path);
    throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

const isThere = (path: string) =>
  new FleetError('ECONFIG', `${path} is there already; fleet init does not change it`);
