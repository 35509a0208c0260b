import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../command.mjs';

/** Kept from one bench to the next: peers are fetched once. */
const CACHE = join(tmpdir(), `fleet-bench-peers-${process.getuid?.() ?? 0}`);

/**
 * The directory of a package that is compared with, installed from npm when it is first asked for, without its
 * install scripts. Null, said out loud, where it cannot be had.
 */
export async function installPeer(stage, name, version) {
  const prefix = join(CACHE, `${name}-${version}`);
  const dir = join(prefix, 'node_modules', name);
  if (existsSync(join(prefix, 'complete'))) return dir;
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, 'package.json'), '{"private":true}\n');
  try {
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix];
    await run(['npm', 'install', ...flags, `${name}@${version}`], { timeout: 120_000 });
    writeFileSync(join(prefix, 'complete'), '');
    return dir;
  } catch (error) {
    stage.say(
      `${name} ${version} cannot be installed, so it is not in this table: ${error.message.slice(0, 300)}`,
    );
    return null;
  }
}
