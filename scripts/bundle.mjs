import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './paths.mjs';

const ENTRIES = { api: 'src/index.ts', legacy: 'src/legacy.ts', 'cli/main': 'src/cli/main.ts' };

/**
 * Which modules share a file. Each file costs Node half a millisecond to find, read and compile, so everything that every
 * command loads is one file, and everything that nearly every client command loads is another. `main.ts` runs when it is
 * loaded, so it stays separate.
 */
const GROUPS = [
  { name: 'always', tags: ['$initial'], test: /(?<!\/cli\/main\.ts)$/ },
  { name: 'client', test: /\/src\/client\/|\/src\/cli\/(parse|target|printer|ps-text)\.ts$|\/commander\// },
];

/** Optional packages that ws, dnode and debug try to load, and can do without. */
const absent = {
  name: 'absent',
  resolveId: {
    filter: { id: /^(bufferutil|utf-8-validate|weak|supports-color)$/ },
    handler: (id) => `\0absent:${id}`,
  },
  load: {
    filter: { id: /^\0absent:/ },
    handler: (id) => `throw new Error('${id.slice('\0absent:'.length)} is not part of this bundle');`,
  },
};

/**
 * Parts of Node that ws and commander load at startup, and most commands never use, are loaded when they are first used. `fleet ps` takes 102 ms of processor time with this and 126 ms without on Node 24; 166 and 170 ms on 20.
 */
const late = {
  name: 'late',
  resolveId: {
    filter: { id: /^(node:)?(https|tls|zlib|child_process)$/ },
    handler: (id, importer) =>
      /\/node_modules\/(ws|commander)\//.test(importer ?? '') ? `\0late:${id}` : null,
  },
  load: {
    filter: { id: /^\0late:/ },
    handler: (id) =>
      `module.exports = new Proxy({}, { get: (_, key) => require('${id.slice('\0late:'.length)}')[key] });`,
  },
};

/**
 * Bundles fleet and all its packages into CommonJS files below `dir`. The name of a chunk is a hash of its content.
 * Returns the files, relative to `dir`, and their sources.
 */
export async function bundle(dir) {
  const build = await rolldown({
    cwd: ROOT,
    input: ENTRIES,
    platform: 'node',
    // The CommonJS builds of packages require each other; one of each is enough.
    resolve: { mainFields: ['main', 'module'] },
    transform: { target: 'node20' },
    plugins: [absent, late],
    preserveEntrySignatures: 'allow-extension',
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.generate({
    // Node starts ES modules 10 ms later; and `import()` loads a CommonJS file through their slower loader.
    format: 'cjs',
    exports: 'named',
    dynamicImportInCjs: false,
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: { groups: GROUPS },
    comments: false,
    // Names and lines are kept, because node shows the line of an uncaught error.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
  });
  await build.close();
  for (const { fileName, code } of output) await writeWhole(join(dir, fileName), code);
  return {
    files: output.map(({ fileName }) => fileName),
    sources: output.flatMap(({ modules }) => Object.keys(modules).map((path) => relative(ROOT, path))),
  };
}

/** Writes a file so that readers see either the old or the new one, never half of it. */
export async function writeWhole(path, text) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
