import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

// npm packs the package.json that it finds. The published one leaves out what only a checkout needs, so it replaces the
// checkout's while npm packs.

const PACKAGE = join(ROOT, 'package.json');
const KEPT = join(ROOT, '.package.json.checkout');

/** What only a checkout needs. All packages that fleet is built on are in dist/. */
const OF_THE_CHECKOUT = ['scripts', 'dependencies', 'devDependencies', 'overrides', 'allowScripts'];

const ofCheckout = (text) => OF_THE_CHECKOUT.some((key) => key in JSON.parse(text));

/** Puts the published package.json in place of the checkout's. */
export function publishPackage() {
  restorePackage();
  const text = readFileSync(PACKAGE, 'utf8');
  const published = Object.entries(JSON.parse(text)).filter(([key]) => !OF_THE_CHECKOUT.includes(key));
  replace(KEPT, text);
  replace(PACKAGE, `${JSON.stringify(Object.fromEntries(published), null, 2)}\n`);
}

/** Restores the checkout's package.json after a pack, even one that was killed. */
export function restorePackage() {
  if (!existsSync(KEPT)) return;
  // If somebody has restored it by hand and changed it since, that one is kept.
  if (ofCheckout(readFileSync(PACKAGE, 'utf8'))) rmSync(KEPT);
  else renameSync(KEPT, PACKAGE);
}

function replace(path, text) {
  rmSync(`${path}.tmp`, { force: true });
  writeFileSync(`${path}.tmp`, text, { flag: 'wx' });
  renameSync(`${path}.tmp`, path);
}
