import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './paths.mjs';

/** The folders that take longest, the longest last. They are started first. */
const LONGEST = ['test/git/', 'test/security/', 'test/e2e/'];

/**
 * Compiles test files (paths relative to the checkout) into `dir`, with the code that they share in chunks. This takes
 * 0.4 s of processor time less per file than compiling each import when it is loaded. Returns the new files; node runs
 * them in the order of their names.
 */
export async function compileTests(files, dir) {
  const build = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(inOrder(files).map((file, at) => [nameOf(file, at), file])),
    platform: 'node',
    external: /^[^./]/,
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.write({ dir, format: 'cjs', sourcemap: 'inline' });
  await build.close();
  return output.filter(({ isEntry }) => isEntry).map(({ fileName }) => join(dir, fileName));
}

function inOrder(files) {
  const rank = (file) => LONGEST.findIndex((folder) => file.startsWith(folder));
  return files.toSorted((a, b) => rank(b) - rank(a));
}

const nameOf = (file, at) =>
  `${String(at).padStart(3, '0')}-${file.replace(/\.ts$/, '').replaceAll('/', '-')}`;
