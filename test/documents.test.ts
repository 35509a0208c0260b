import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS, findCommand } from '../src/cli/commands.ts';
import { parseArguments } from '../src/cli/parse.ts';
import { ROOT } from './fixtures/root.ts';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'example/README.md',
  'src/protocol/README.md',
];

/** Made by `npm run bench`, so a checkout may be without it. */
const MADE = ['bench/results.md'];

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

test('every link in a document leads to an existing file', () => {
  const dead = DOCUMENTS.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !MADE.includes(link) && !existsSync(join(ROOT, dirname(document), link)))
      .map((link) => `${document}: ${link}`),
  );
  assert.deepEqual(dead, []);
});

test('the README links to each of its sections, and to no others', () => {
  const readme = read('README.md');
  const anchors = [...readme.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, link = '']) => link);
  assert.deepEqual([...new Set(links)].sort(), anchors.sort());
});

test('every script that a document names exists in package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = DOCUMENTS.flatMap((document) =>
    [...read(document).matchAll(/npm run (\w+(?::\w+)*)/g)].map(([, name = '']) => name),
  );
  const listed = [...read('CONTRIBUTING.md').matchAll(/^\| `(\w+(?::\w+)*)` \|/gm)].map(
    ([, name = '']) => name,
  );
  assert.ok(listed.length > 5);
  assert.deepEqual(
    [...named, ...listed].filter((name) => !(name in scripts)),
    [],
  );
});

for (const path of ['example/ci/deploy.yml', 'example/staging/pull-request.yml'])
  test(`${path} runs commands of fleet, with options that they have`, async () => {
    const recipe = read(path).replaceAll(/\$\{\{.*?\}\}/g, 'x');
    const runs = [...recipe.matchAll(/^ +(?:- )?run: fleet (.+)$/gm)].map(([, line = '']) => line.split(' '));
    assert.ok(runs.length > 1);
    for (const [name = '', ...argv] of runs) {
      const command = findCommand(name);
      assert.ok(command, name);
      await parseArguments(argv, command);
    }
  });

test("every command is in the README's table", () => {
  const rows = [...read('README.md').matchAll(/^\| `fleet (\w+)/gm)].map(([, name = '']) => name);
  const names = COMMANDS.map(({ name }) => name).filter((name) => name !== 'version');
  assert.deepEqual([...new Set(rows)].sort(), names.sort());
});

test('every file in the map of the code exists', () => {
  const map = read('CONTRIBUTING.md').split('\n## Map\n')[1]?.split('\n## ')[0] ?? '';
  const missing: string[] = [];
  let folder = '';
  for (const [, indent = '', names = ''] of map.matchAll(/^ {4}( *)((?:[\w./*-]+(?:, )?)+)(?: {2,}|$)/gm)) {
    const [first = ''] = names.split(', ');
    if (indent === '' && first.endsWith('/')) folder = first;
    const at = indent === '' ? '' : folder;
    for (const name of names.split(', '))
      if (!name.includes('*') && !existsSync(join(ROOT, at, name))) missing.push(at + name);
  }
  assert.ok(folder !== '');
  assert.deepEqual(missing, []);
});
