import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './fixtures/root.ts';
import { GLUE, TESTED_THROUGH } from './fixtures/tested-through.ts';

const SRC = join(ROOT, 'src');

/** Which folders (or files) of src/ each may import from, beside its own. */
const MAY_IMPORT: Record<string, string[]> = {
  protocol: [],
  system: ['protocol'],
  'app-file': ['protocol', 'system'],
  'traffic-formats': ['protocol'],
  rpc: ['protocol', 'system'],
  git: ['protocol', 'system'],
  hub: ['protocol', 'system', 'app-file', 'traffic-formats', 'rpc', 'git'],
  drone: ['protocol', 'system', 'rpc', 'git'],
  client: ['protocol', 'system', 'rpc', 'git'],
  proxy: ['protocol', 'system', 'client'],
  'index.ts': ['protocol', 'hub', 'drone', 'client'],
  'legacy.ts': ['protocol', 'client', 'index.ts'],
  cli: [
    'protocol',
    'system',
    'app-file',
    'traffic-formats',
    'git',
    'client',
    'hub',
    'drone',
    'proxy',
    'index.ts',
  ],
};

/** Each package of the bundle is imported in these files only. */
const HOME_OF: Record<string, RegExp> = {
  dnode: /^rpc\//,
  ws: /^rpc\//,
  'node-git-server': /^git\//,
  'simple-git': /^git\//,
  '@peculiar/x509': /^system\/self-signed\.ts$/,
  '@nats-io/transport-node': /^hub\/store\/nats/,
  '@nats-io/jetstream': /^hub\/store\/nats/,
  undici: /^proxy\/instance-connections\.ts$/,
  httpxy: /^proxy\/forwarder\.ts$/,
  'acme-client': /^proxy\/acme\/authority\.ts$/,
  'smol-toml': /^app-file\/toml\.ts$/,
  valibot: /^(protocol|hub|drone)\//,
  archy: /^cli\//,
  commander: /^cli\//,
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /(?<!\.d)\.ts$/.test(file),
);
const placeOf = (file: string) => relative(SRC, file).split('/')[0] ?? '';

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:\sfrom|\bimport\()\s?'([^'\n]+)'/g)].map((match) => match[1] ?? '');
}

test('imports run one way, from the command line down to the protocol', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const from = placeOf(join(SRC, file));
    for (const name of importsOf(file).filter((one) => one.startsWith('.'))) {
      const to = placeOf(resolve(SRC, dirname(file), name));
      if (to !== from && !to.startsWith('..') && !MAY_IMPORT[from]?.includes(to))
        wrong.push(`${file} imports ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no files import each other in a cycle', () => {
  const imported = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(SRC, resolve(SRC, dirname(file), name))),
    ]),
  );
  const reach = (start: string) => {
    const reached = new Set(imported.get(start));
    for (const file of reached) for (const next of imported.get(file) ?? []) reached.add(next);
    return reached;
  };
  const reached = new Map(files.map((file) => [file, reach(file)]));
  const circles = files
    .filter((file) => reached.get(file)?.has(file))
    .map((file) => files.filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file)))
    .map((circle) => circle.sort().join(' '));
  assert.deepEqual([...new Set(circles)], []);
});

test('each package that fleet is built on is imported in one place only', () => {
  const seen = new Set<string>();
  const wrong: string[] = [];
  for (const file of files) {
    for (const name of importsOf(file)) {
      if (name.startsWith('.') || name.startsWith('node:')) continue;
      const [pkg = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(name) ?? [];
      seen.add(pkg);
      if (!HOME_OF[pkg]?.test(file)) wrong.push(`${file} imports ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual([...seen].sort(), Object.keys(HOME_OF).sort(), 'all of them do work');
});

test('no file has more than 200 lines', () => {
  const long = files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 201);
  assert.deepEqual(long, []);
});

/** A file that exports no function and no class says how things look, and decides nothing. */
const EXPORTS_CODE =
  /^export (?:async )?(?:function|(?:abstract )?class)\b|^export const \w+(?:: [^=]+)? = (?:async )?(?:\(|<|\w+ =>)/m;

test('what decides has a test beside its name', () => {
  const tests = new Set(readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }));
  const isTested = (file: string) =>
    ['.test.ts', '.long.test.ts'].some((end) => tests.has(file.replace(/\.ts$/, end)));
  const deciding = files.filter(
    (file) =>
      !GLUE.some((pattern) => pattern.test(file)) && EXPORTS_CODE.test(readFileSync(join(SRC, file), 'utf8')),
  );
  const untested = deciding.filter((file) => !isTested(file));
  const listed = Object.values(TESTED_THROUGH).flat();
  assert.deepEqual(
    untested.filter((file) => !listed.includes(file)),
    [],
    'write test/PATH.test.ts for src/PATH.ts, or say in fixtures/tested-through.ts which test covers it',
  );
  const gone = Object.keys(TESTED_THROUGH).filter((name) => !tests.has(name));
  assert.deepEqual(
    [...gone, ...listed.filter(isTested)],
    [],
    'these leave fixtures/tested-through.ts: they are gone, or have a test beside their name',
  );
});

test('nothing below the command line prints or exits the process', () => {
  const loud = files.filter((file) => {
    if (file.startsWith('cli/')) return false;
    return /process\.exit\(|\bconsole\.\w+\(|process\.std(out|err)\b/.test(
      readFileSync(join(SRC, file), 'utf8'),
    );
  });
  assert.deepEqual(loud, []);
});

test("startup is light: of node's modules, what every command loads needs only files and paths", () => {
  const eager = (file: string) =>
    [...readFileSync(join(SRC, file), 'utf8').matchAll(/^import (?!type )([^;]*?) from '([^']+)'/gms)]
      // An import of types only is gone when the code runs.
      .filter(([, names = '']) => !/^\{(?:\s*type \w+(?: as \w+)?,?)+\s*\}$/.test(names))
      .map(([, , name = '']) => name);
  const loaded = new Set(['cli/start.ts', 'cli/main.ts', 'cli/commands.ts']);
  const wrong: string[] = [];
  for (const file of loaded) {
    for (const name of eager(file)) {
      if (/\.ts$/.test(name)) loaded.add(relative(SRC, resolve(SRC, dirname(file), name)));
      // The bundle loads node:v8 when something has to be compiled.
      else if (!/^node:(?:fs|module|path|vm|v8)$|\.json$/.test(name)) wrong.push(`${file} imports ${name}`);
    }
  }
  assert.ok(loaded.has('cli/commands/spawn.ts'));
  assert.deepEqual(wrong, []);
});

test('a daemon loads all its code at startup, because an upgrade replaces the files under it', () => {
  const late = files
    .filter((file) => /^(app-file|traffic-formats|hub|drone|proxy|rpc|git|system|protocol)\//.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(SRC, file), 'utf8');
      return [...text.matchAll(/import\('([^']+)'\)/g)].map(([, name = '']) => `${file} imports ${name}`);
    })
    .filter(
      (one) =>
        !/ (node:\w+|\.\.\/\.\.\/system\/self-signed\.ts|\.\/run\.ts|\.\/cluster\/cluster\.ts)$/.test(one),
    );
  assert.deepEqual(late, []);
});
