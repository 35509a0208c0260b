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

/**
 * Compiles test files (paths relative to the checkout) into `dir`, each with all of `src/` that it needs: a file
 * starts half a second sooner than when each of its imports is compiled as it is met. Gives the new files.
 */
export async function compileTests(files, dir) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: files,
    outdir: dir,
    outbase: ROOT,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    sourcesContent: false,
    plugins: [sourceFolders],
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.outputs)
    .map((file) => join(ROOT, file))
    .sort();
}
