import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { build, transform } from 'esbuild';
import { group } from './group.mjs';
import { ROOT } from './paths.mjs';

const TARGET = 'node20';

/** Optional packages that ws, dnode and debug try for, and do without. */
const ABSENT = /^(bufferutil|utf-8-validate|weak|supports-color)$/;

/** What a certificate needs of node-forge. */
const FORGE = ['x509', 'pki', 'sha256'].map((part) => `require('node-forge/lib/${part}');`).join('\n');

/** Parts of node that a package loads at its start and that most commands never use: 2 to 5 ms each. */
const SELDOM_USED = [
  { file: /\/ws\/lib\/websocket\.js$/, parts: ['https', 'tls'] },
  { file: /\/ws\/lib\/permessage-deflate\.js$/, parts: ['zlib'] },
  { file: /\/commander\/lib\/command\.js$/, parts: ['node:child_process'] },
];

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
    for (const { file, parts } of SELDOM_USED) {
      onLoad({ filter: file }, async ({ path }) => ({
        contents: loadLate(await readFile(path, 'utf8'), parts, path),
      }));
    }
  },
};

/** `const tls = require('tls')` goes, and each `tls.` becomes `require('tls').`. */
function loadLate(text, parts, path) {
  return parts.reduce((code, part) => {
    const [whole, name] = new RegExp(`const (\\w+) = require\\('${part}'\\);`).exec(code) ?? [];
    if (!name) throw new Error(`${path} does not load ${part} any more: see SELDOM_USED`);
    return code
      .replace(whole, '')
      .replaceAll(new RegExp(`(?<![.\\w])${name}\\.`, 'g'), `require('${part}').`);
  }, text);
}

/**
 * Bundles entries (`{out: path of the source}`) with all that they import into CommonJS files below `dir`: `out.js`,
 * and the chunks that they share. `plan` is given what esbuild says of its outputs, by path in `dir`, and gives what
 * `group` is to put together. Gives the files written, relative to `dir`, and the sources that went into them.
 *
 * esbuild splits only ES modules, and node starts those 10 ms later than CommonJS: hence the second pass.
 */
export async function bundle(entries, dir, plan) {
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
  const codes = await Promise.all(
    outputFiles.map(async ({ path, text }) => [relative(dir, path), await asCommonJs(text)]),
  );
  const outputs = Object.entries(metafile.outputs).map(([path, output]) => [
    relative(dir, `${ROOT}/${path}`),
    output,
  ]);
  const files = group(new Map(codes), plan(new Map(outputs)));
  for (const [file, code] of files) await writeWhole(`${dir}/${file}`, code);
  return { files: [...files.keys()], sources: Object.keys(metafile.inputs) };
}

async function asCommonJs(text) {
  // The same clock; but the first look at node's global `performance` takes it 3 ms.
  const timed = text.replaceAll('performance.now()', '(process.uptime() * 1000)');
  const { code } = await transform(timed, {
    format: 'cjs',
    platform: 'node',
    target: TARGET,
    // Else `import()` would stay, which loads a CommonJS file through the slower loader of ES modules.
    supported: { 'dynamic-import': false },
    // Names stay, and lines stay short: node shows the line that an uncaught error comes from.
    minifyWhitespace: true,
    lineLimit: 160,
  });
  return code;
}

/** Writes a file so that whoever reads it sees the old one or the new one, and no half. */
export async function writeWhole(path, text) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
