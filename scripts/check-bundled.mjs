import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, isStale, SBOM } from './build.mjs';

// `npm audit` looks at what is installed, so it finds nothing in a package that carries its dependencies in dist/. This asks
// about exactly the versions that the bundle has, with the arguments of the caller, such as `--json`.

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

if (await isStale()) await build();
const { components } = JSON.parse(readFileSync(SBOM, 'utf8'));
const { root, lock } = lockOf(components);
const dir = mkdtempSync(join(tmpdir(), 'fleet-bundled-'));
try {
  writeFileSync(join(dir, 'package.json'), JSON.stringify(root));
  writeFileSync(join(dir, 'package-lock.json'), JSON.stringify(lock));
  const args = ['audit', '--package-lock-only', ...process.argv.slice(2)];
  const { status } = spawnSync('npm', args, { cwd: dir, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
