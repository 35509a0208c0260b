import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, isStale } from './build.mjs';
import { restorePackage } from './checkout-package.mjs';
import { ROOT } from './paths.mjs';

// `npm test` runs all tests, `npm test -- test/hub/throttle.test.ts …` those in the named files. Words that begin
// with `-` go to node: `npm test -- --test-name-pattern=stop`.

/** Milliseconds for one file; what hangs fails by name. */
const LONGEST = 300_000;

restorePackage();
if (await isStale()) await build();
const given = process.argv.slice(2);
const named = given.filter((word) => !word.startsWith('-'));
const all = () =>
  readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .map((file) => join('test', file));
const options = ['--test', '--test-concurrency=2', '--test-reporter=spec', `--test-timeout=${LONGEST}`];
const { status } = spawnSync(
  process.execPath,
  [
    '--import',
    'tsx',
    ...options,
    ...given.filter((word) => word.startsWith('-')),
    ...(named.length > 0 ? named : all()),
  ],
  { cwd: ROOT, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
