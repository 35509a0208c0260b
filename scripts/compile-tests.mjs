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

/** Test files for one process: each process takes half a second of its own. */
const TOGETHER = 4;
/** The folders that take longest, which are begun first. */
const FIRST = ['e2e', 'security', 'git', 'package'].map((folder) => join('test', folder));

/** Up to four files of one folder at a time, by the name of what they are compiled into: node runs those in order. */
function groupsOf(files) {
  const folders = new Map(FIRST.map((folder) => [folder, []]));
  for (const file of [...files].sort())
    folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file]);
  const groups = new Map();
  for (const [folder, inside] of folders) {
    for (let at = 0; at < inside.length; at += TOGETHER) {
      const name = `${String(groups.size).padStart(2, '0')}-${folder.replaceAll('/', '-')}.test`;
      groups.set(name, inside.slice(at, at + TOGETHER));
    }
  }
  return groups;
}

/** `group:NAME`, a file that has the tests of a group, those of each file with hooks of their own. */
const groupPlugin = (groups) => ({
  name: 'groups',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^group:/ }, ({ path }) => ({
      path: path.slice('group:'.length),
      namespace: 'group',
    }));
    onLoad({ filter: /./, namespace: 'group' }, ({ path }) => ({
      contents: [
        "const { describe } = require('node:test');",
        ...groups
          .get(path)
          .map(
            (file) =>
              `describe(${JSON.stringify(file)}, () => void require(${JSON.stringify(join(ROOT, file))}));`,
          ),
      ].join('\n'),
      resolveDir: ROOT,
    }));
  },
});

/**
 * Compiles test files (paths relative to the checkout) into `dir`, each with all of `src/` that it needs: a file
 * starts half a second sooner than when each of its imports is compiled as it is met. Gives the new files.
 */
export async function compileTests(files, dir) {
  const groups = groupsOf(files);
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...groups.keys()].map((name) => ({ in: `group:${name}`, out: name })),
    outdir: dir,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    sourcesContent: false,
    plugins: [groupPlugin(groups), sourceFolders],
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.outputs)
    .map((file) => join(ROOT, file))
    .sort();
}
