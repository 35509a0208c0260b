import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { writeWhole } from './bundle.mjs';
import { ROOT } from './paths.mjs';

const run = promisify(execFile);

/**
 * Writes the declarations of the API, and of everything that they refer to, into `dir/types`, and those of both entry
 * points beside it. Returns the files, relative to `dir`.
 */
export async function declare(dir) {
  const emitted = join(ROOT, `node_modules/.cache/fleet-declarations.${process.pid}`);
  try {
    await emit(emitted);
    const texts = await reach(emitted, ['index.d.ts', 'legacy.d.ts']);
    const files = {
      ...Object.fromEntries([...texts].map(([file, text]) => [join('types', file), text])),
      ...entries(exportedTypes(texts, 'index.d.ts')),
    };
    for (const [file, text] of Object.entries(files)) await writeWhole(join(dir, file), text);
    return Object.keys(files);
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

/** Types are checked by `npm run lint`. Here, an error in some file must not prevent the declarations. */
async function emit(outDir) {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', 'src'];
  const argv = [tsc, '-p', 'scripts/declarations.json', ...options, '--outDir', outDir];
  await run(process.execPath, argv, { cwd: ROOT }).catch(({ stdout, message }) => {
    if (!existsSync(join(outDir, 'index.d.ts'))) throw new Error(`no declarations:\n${stdout || message}`);
  });
}

/** Returns the texts of these files and of everything that they import, by path. */
async function reach(dir, start) {
  const texts = new Map(start.map((file) => [file, null]));
  // Iterating over a map includes entries that are added meanwhile.
  for (const file of texts.keys()) {
    const text = await readFile(join(dir, file), 'utf8');
    texts.set(file, text);
    for (const [, target] of text.matchAll(/(?:from|import\() ?'(\.[^']+)\.ts'/g)) {
      const path = `${join(dirname(file), target)}.d.ts`;
      if (!texts.has(path)) texts.set(path, null);
    }
  }
  return texts;
}

/**
 * Returns the declarations of both entry points. The required one is the old function with everything else as its
 * properties, for which types need a namespace with every name in it.
 */
function entries(types) {
  const imports = [
    "import type * as api from './types/index.ts';",
    "import type { fleet as original } from './types/legacy.ts';",
    'declare const fleet: typeof original & typeof api;',
  ];
  const names = types.map((name) => `  export type ${name} = api.${name};`);
  const required = [...imports, 'declare namespace fleet {', ...names, '}', 'export = fleet;', ''];
  const imported = [...imports, "export * from './types/index.ts';", 'export default fleet;', ''];
  return { 'index.d.ts': required.join('\n'), 'index.d.mts': imported.join('\n') };
}

/** Returns the names of the types and classes that a declaration file exports or re-exports. */
function exportedTypes(texts, file) {
  const text = texts.get(file);
  const own = [...text.matchAll(/^export (?:declare )?(?:type|interface|class) (\w+)/gm)];
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]+)\}/gm)];
  const files = [...text.matchAll(/^export type \* from '(.+)\.ts'/gm)];
  return [
    ...own.map(([, name]) => name),
    ...lists.flatMap(([, list]) => list.match(/\b[A-Z]\w*/g)),
    ...files.flatMap(([, target]) => exportedTypes(texts, `${join(dirname(file), target)}.d.ts`)),
  ].sort();
}
