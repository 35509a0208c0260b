import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

// npm runs this after `npm ci` in a checkout, and for `npm install -g .`, which links the checkout without installing its
// dependencies.

/** The environment without the settings of a global install, because the install below is local. */
function localEnvironment() {
  const global = /^npm_config_(global|location|prefix|omit|only|production|save.*|force|workspaces?)$/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !global.test(name) && name !== 'NODE_ENV'),
  );
}

const installed = ['rolldown', 'typescript', 'ws'].every((name) =>
  existsSync(join(ROOT, 'node_modules', name)),
);
if (!installed) {
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  const [program, ...rest] = [...npm, ...args];
  const { status } = spawnSync(program, rest, { cwd: ROOT, env: localEnvironment(), stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
const { build, isStale } = await import('./build.mjs');
if (await isStale()) await build();
