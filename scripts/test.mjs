import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build, isStale } from './build.mjs';
import { compileTests } from './compile-tests.mjs';
import { ROOT } from './paths.mjs';

// `npm test` runs all tests except the long ones, `npm test -- test/hub/route.test.ts …` those in the named files. Words
// that begin with `-` are passed to node: `npm test -- --test-name-pattern=stop`.

/** Tests with a script of their own: `npm run test:long`, `test:versions` and `test:power`. */
const LONG = /\.long\.test\.ts$|^(versions|power)\//;
/** Milliseconds for one file, so that a test that hangs fails by name. */
const LONGEST = 300_000;

function allTests() {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !LONG.test(file))
    .map((file) => join('test', file));
}

if (await isStale()) await build();
const words = process.argv.slice(2);
const named = words.filter((word) => !word.startsWith('-')).map((file) => relative(ROOT, resolve(file)));
const options = [
  '--enable-source-maps',
  '--test',
  '--test-concurrency=3',
  '--test-reporter=spec',
  `--test-timeout=${LONGEST}`,
  ...words.filter((word) => word.startsWith('-')),
];
const dir = join(ROOT, `node_modules/.cache/fleet-tests.${process.pid}`);
try {
  const files = await compileTests(named.length > 0 ? named : allTests(), dir);
  const runner = spawn(process.execPath, [...options, ...files], { cwd: ROOT, stdio: 'inherit' });
  // Ctrl-C also reaches the runner. It ends first, and then this process.
  process.on('SIGINT', () => {});
  const [status] = await once(runner, 'close');
  process.exitCode = status ?? 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
