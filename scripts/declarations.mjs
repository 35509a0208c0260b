import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { writeWhole } from './bundle.mjs';
import { ROOT } from './paths.mjs';

const run = promisify(execFile);
const IMPORT = /((?:from|import\() ?['"])(\.{1,2}\/[^'"]+)\.ts(['"])/g;

/**
 * Writes the declarations of an entry and of all that it names into `dir`: from `src/x.ts` comes `dir/x.d.ts`.
 * Their imports end in `.js`, which every setting of moduleResolution takes. Gives the files, relative to `dir`.
 */
export async function declare(entries, dir) {
  const emitted = join(ROOT, `node_modules/.cache/fleet-declarations.${process.pid}`);
  try {
    await emit(emitted);
    const files = new Set(entries.map((entry) => `${entry}.d.ts`));
    // A set goes on to what is added to it while it is walked.
    for (const file of files) {
      const text = await readFile(join(emitted, file), 'utf8');
      for (const [, , target] of text.matchAll(IMPORT)) files.add(`${join(dirname(file), target)}.d.ts`);
      await writeWhole(join(dir, file), text.replace(IMPORT, '$1$2.js$3'));
    }
    return [...files];
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

/** Types are checked by `npm run lint`; here a mistake in some file is no reason not to have the declarations. */
async function emit(outDir) {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', 'src'];
  const argv = [tsc, '-p', 'scripts/declarations.json', ...options, '--outDir', outDir];
  await run(process.execPath, argv, { cwd: ROOT }).catch(({ stdout, message }) => {
    if (!existsSync(join(outDir, 'index.d.ts'))) throw new Error(`no declarations:\n${stdout || message}`);
  });
}

/**
 * The declarations of both ways into the package. What is required is a function of old and has the rest as its
 * properties; types need a namespace for that, with every name in it.
 */
export async function declareEntries(dir) {
  const types = await exportedTypes(join(dir, 'types'), 'index.d.ts');
  const imports = [
    "import type * as api from './types/index.js';",
    "import type { fleet as original } from './types/legacy.js';",
    'declare const fleet: typeof original & typeof api;',
  ];
  const names = types.map((name) => `  export type ${name} = api.${name};`);
  await writeWhole(
    join(dir, 'index.d.ts'),
    [...imports, 'declare namespace fleet {', ...names, '}', 'export = fleet;', ''].join('\n'),
  );
  await writeWhole(
    join(dir, 'index.d.mts'),
    [...imports, "export * from './types/index.js';", 'export default fleet;', ''].join('\n'),
  );
}

/** The names of the types and classes that a declaration file exports, also on behalf of others. */
async function exportedTypes(dir, file) {
  const text = await readFile(join(dir, file), 'utf8');
  const own = [...text.matchAll(/^export (?:declare )?(?:type|interface|class) (\w+)/gm)].map(
    ([, name]) => name,
  );
  const passedOn = [...text.matchAll(/^export (type )?\{([^}]+)\}/gm)].flatMap(([, type, list]) =>
    list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => type || /^type |^[A-Z]/.test(name))
      .map((name) => name.replace(/^type /, '')),
  );
  const all = [...text.matchAll(/^export type \* from '(.+)\.js'/gm)].map(([, target]) => `${target}.d.ts`);
  const theirs = await Promise.all(all.map((target) => exportedTypes(dir, join(dirname(file), target))));
  return [...new Set([...own, ...passedOn, ...theirs.flat()])].sort();
}
