import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/**
 * Returns a bill of materials with the packages of these folders, as JSON of CycloneDX 1.5. It has neither a time nor a
 * serial number, so that it is the same for the same tree.
 */
export async function sbomOf(packages) {
  const [own, ...bundled] = await Promise.all(['', ...packages].map(manifest));
  const components = new Map(bundled.map((one) => [purl(one), component('library', one)]));
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: component('application', own) },
    components: [...components.values()],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

async function manifest(folder) {
  return JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
}

function component(type, { name, version, license }) {
  const id = purl({ name, version });
  return { type, 'bom-ref': id, name, version, licenses: [licenseChoice(license)], purl: id };
}

/** A package that only has a text is described by that, which is in THIRD_PARTY_LICENSES. */
function licenseChoice(license) {
  if (typeof license !== 'string') return { license: { name: 'see THIRD_PARTY_LICENSES' } };
  return /^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license };
}

/** Returns the package URL of a version of an npm package. */
function purl({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
