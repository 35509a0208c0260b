import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './paths.mjs';

/** `__dirname` is that of the source, wherever the compiled file is. */
const sourceFolders = {
  name: 'source-folders',
  setup({ onLoad }) {
    onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('__dirname', JSON.stringify(dirname(path))),
      loader: 'ts',
    }));
  },
};

/** Folders whose tests take milliseconds each: the tests of one run in one process. */
const TOGETHER = ['cli', 'client', 'hub', 'protocol'].map((folder) => join('test', folder));

/** `group:FOLDER`, a file that has all tests of a folder. */
const groups = (files) => ({
  name: 'groups',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^group:/ }, ({ path }) => ({
      path: path.slice('group:'.length),
      namespace: 'group',
    }));
    onLoad({ filter: /./, namespace: 'group' }, ({ path }) => ({
      contents: files
        .filter((file) => dirname(file) === path)
        .map((file) => `import ${JSON.stringify(join(ROOT, file))};`)
        .join('\n'),
      resolveDir: ROOT,
    }));
  },
});

/**
 * Compiles test files (paths relative to the checkout) into `dir`, each with all of `src/` that it needs: a file
 * starts half a second sooner than when each of its imports is compiled as it is met. Gives the new files.
 */
export async function compileTests(files, dir) {
  const entries = files.map((file) => {
    const folder = dirname(file);
    return TOGETHER.includes(folder)
      ? { in: `group:${folder}`, out: `${folder}.test` }
      : { in: file, out: file.replace(/\.ts$/, '') };
  });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...new Map(entries.map((entry) => [entry.out, entry])).values()],
    outdir: dir,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    sourcesContent: false,
    plugins: [groups(files), sourceFolders],
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.outputs)
    .map((file) => join(ROOT, file))
    .sort();
}
