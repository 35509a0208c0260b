import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { build, transform } from 'esbuild';
import { ROOT } from './paths.mjs';

const TARGET = 'node20';

/** Optional packages that ws, dnode and debug try for, and do without. */
const ABSENT = /^(bufferutil|utf-8-validate|weak|supports-color)$/;

/** What a certificate needs of node-forge, which is a quarter of it. */
const FORGE = ['x509', 'pki', 'sha256'].map((part) => `require('node-forge/lib/${part}');`).join('\n');

const packages = {
  name: 'packages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: ABSENT }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
      contents: `throw new Error('${path} is not part of this bundle');`,
    }));
    onResolve({ filter: /^node-forge$/ }, () => ({ path: 'node-forge', namespace: 'parts' }));
    onLoad({ filter: /./, namespace: 'parts' }, () => ({
      contents: `${FORGE}\nmodule.exports = require('node-forge/lib/forge');`,
      resolveDir: ROOT,
    }));
  },
};

/**
 * Bundles entries (`{out: path of the source}`) with all that they import into CommonJS files below `dir`, `out.js`
 * and the chunks that they share. A dynamic import stays one: a chunk is read when it is first asked for.
 * Gives the files written, relative to `dir`, and the sources that went into them, relative to the checkout.
 *
 * esbuild splits only ES modules, and node starts those 10 ms later than CommonJS: hence the second pass.
 */
export async function bundle(entries, dir) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ out, in: source })),
    outdir: dir,
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: TARGET,
    // The CommonJS builds of packages import each other by require; one of each is enough.
    mainFields: ['main', 'module'],
    minifySyntax: true,
    legalComments: 'none',
    plugins: [packages],
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) {
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target: TARGET,
      // Else `import()` would stay, which loads a CommonJS file through the slower loader of ES modules.
      supported: { 'dynamic-import': false },
      minifyWhitespace: true,
    });
    await writeWhole(path, code);
  }
  return { files: outputFiles.map(({ path }) => relative(dir, path)), sources: Object.keys(metafile.inputs) };
}

/** Writes a file so that whoever reads it sees the old one or the new one, and no half. */
export async function writeWhole(path, text) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
