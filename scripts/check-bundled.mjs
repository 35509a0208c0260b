import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportOf } from './audit-report.mjs';
import { build, isStale, SBOM } from './build.mjs';

// `npm audit` looks at what is installed, so it finds nothing in a package that carries its dependencies in dist/. This asks
// about exactly the versions that the bundle has, with the arguments of the caller, such as `--registry=URL` or `--json`.
// Exits with 0 if nothing is known against them, 1 if something is, and 2 if the registry could not say.

/** Returns a lock file that has these components as dependencies, and nothing else. */
function lockOf(components) {
  // Under names of their own, because a bundle can have two versions of a package.
  const named = components.map(({ name, version }, index) => ({ as: `bundled-${index}`, name, version }));
  const dependencies = Object.fromEntries(
    named.map(({ as, name, version }) => [as, `npm:${name}@${version}`]),
  );
  const locked = named.map(({ as, name, version }) => [`node_modules/${as}`, { name, version }]);
  const root = { name: 'bundled', version: '1.0.0', dependencies };
  return {
    root,
    lock: { ...root, lockfileVersion: 3, packages: { '': root, ...Object.fromEntries(locked) } },
  };
}

/** Returns what `npm audit` says of a lock file, as JSON, and its exit status. */
function audit({ root, lock }, args) {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-bundled-'));
  writeFileSync(join(dir, 'package.json'), JSON.stringify(root));
  writeFileSync(join(dir, 'package-lock.json'), JSON.stringify(lock));
  const npm = spawn('npm', ['audit', '--package-lock-only', ...args, '--json'], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  npm.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  return new Promise((resolve, reject) => {
    npm.once('error', reject).once('close', (status) => {
      rmSync(dir, { recursive: true, force: true });
      resolve({ printed, status });
    });
  });
}

if (await isStale()) await build();
const { components } = JSON.parse(readFileSync(SBOM, 'utf8'));
const args = process.argv.slice(2);
const { printed, status } = await audit(lockOf(components), args);
const { text, exitCode } = reportOf(printed, status, components.length);
if (args.includes('--json')) console.log(printed.trimEnd());
if (exitCode === 2) console.error(text);
else if (!args.includes('--json')) console.log(text);
process.exitCode = exitCode;
