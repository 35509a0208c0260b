import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** Returns the folders of the packages of these sources: `node_modules/ws` for `node_modules/ws/lib/x.js`. */
export function packagesOf(sources) {
  const folders = sources.flatMap(
    (source) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(source) ?? [],
  );
  return [...new Set(folders)].sort();
}

/** Returns a text with the name, version and license of each package. Throws if a package states no license. */
export async function licensesOf(packages) {
  const head = 'fleet carries the code of these packages, each under its own license.\n';
  return [head, ...(await Promise.all(packages.map(license)))].join(`\n${'='.repeat(80)}\n\n`);
}

async function license(folder) {
  const dir = join(ROOT, folder);
  const { name, version, license: kind } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
  const files = (await readdir(dir)).filter((file) => /^(licen[cs]e|copying)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
  if (!kind && texts.length === 0) throw new Error(`${name} says nothing of its license`);
  const text =
    texts.length > 0 ? texts.map((one) => one.trim()).join('\n\n') : 'The package has no text of it.';
  return `${name} ${version}\n${kind ? `License: ${kind}\n` : ''}\n${text}\n`;
}
