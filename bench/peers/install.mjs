import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../command.mjs';

/** Kept between runs, so that peers are fetched once. */
const CACHE = join(tmpdir(), `fleet-bench-peers-${process.getuid?.() ?? 0}`);

/**
 * Returns the directory of a peer's package, installed from npm when it is first needed, without its install scripts.
 * Prints why and returns null if it cannot be installed.
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
