import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS, helpScreen } from '../../src/cli/commands.ts';
import { toRoff } from '../../src/cli/man.ts';
import { allPages, pageFile } from '../../src/cli/manual.ts';
import { ROOT } from '../fixtures/root.ts';
import { makeIo, run } from './world.ts';

const SECTIONS = [
  'NAME',
  'SYNOPSIS',
  'DESCRIPTION',
  'OPTIONS',
  'EXAMPLES',
  'EXIT STATUS',
  'ENVIRONMENT',
  'SEE ALSO',
];

test("the manual pages match the commands' declarations: npm run man", () => {
  for (const page of allPages(COMMANDS))
    assert.equal(readFileSync(join(ROOT, pageFile(page)), 'utf8'), toRoff(page), page.name);
  assert.deepEqual(
    readdirSync(join(ROOT, 'man'))
      .map((file) => `man/${file}`)
      .sort(),
    allPages(COMMANDS).map(pageFile).sort(),
  );
});

test('the package installs every manual page', () => {
  const { man } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { man: string[] };
  assert.deepEqual(
    man.map((file) => file.replace(/^\.\//, '')).sort(),
    allPages(COMMANDS).map(pageFile).sort(),
  );
});

test('every page has all sections, in order, and none is empty', () => {
  for (const page of allPages(COMMANDS)) {
    assert.deepEqual(
      [...toRoff(page).matchAll(/^\.SH "(.*)"$/gm)].map((match) => match[1]),
      SECTIONS,
      page.name,
    );
    assert.doesNotMatch(toRoff(page), /\.SH ".*"\n(\.SH|$)/, page.name);
  }
});

test('every page that another page refers to exists', () => {
  const known = new Set(allPages(COMMANDS).map(({ name, section }) => `${name}(${section})`));
  const others = /^(git|git-push|man|systemd\.service)\(/;
  const missing = allPages(COMMANDS).flatMap(({ seeAlso }) =>
    seeAlso.filter((page) => !known.has(page) && !others.test(page)),
  );
  assert.deepEqual(missing, []);
});

test('man prints no warnings', (t) => {
  if (spawnSync('man', ['--version']).error) return t.skip('there is no man here');
  const files = allPages(COMMANDS).map((page) => join(ROOT, pageFile(page)));
  const args = ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', ...files];
  const { status, stderr } = spawnSync('man', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.deepEqual([status, stderr], [0, '']);
});

test('fleet help shows a page, or says that there is none', async () => {
  const io = makeIo(ROOT);
  assert.equal(await run(io, 'help', 'deploy'), 0);
  assert.match(io.out, /^NAME\n {7}fleet-deploy - Push code to drones\n/);
  io.out = '';
  assert.equal(await run(io, 'help', 'fleet.json'), 0);
  assert.match(io.out, /fleet\.json - the hubs/);
  assert.equal(await run(io, 'help', 'nope'), 1);
  assert.equal(io.err, 'No manual entry for fleet nope\n');
});

test('fleet help lists the commands in the documented form', () => {
  const lines = helpScreen().split('\n');
  assert.deepEqual(lines.slice(0, 3), ['Usage: fleet <command> [<args>]', '', 'The commands are:']);
  assert.deepEqual(lines.slice(-3), ['', 'For help about a command, try `fleet help <command>`.', '']);
  for (const line of [
    '  deploy       Push code to drones.',
    '  drone        Connect to a hub as a worker.',
    '  exec         Run commands on drones.',
    '  hub          Create a hub for drones to connect.',
    '  monitor      Show service events system-wide.',
    '  ps           List the running processes on the drones.',
    '  remote       Manage the set of remote hubs.',
    '  spawn        Run services on drones.',
    '  stop         Stop processes running on drones.',
    "  version      Print fleet's version",
  ])
    assert.ok(lines.includes(line), line);
  const names = lines.filter((line) => line.startsWith('  ')).map((line) => line.trim().split(' ')[0]);
  assert.deepEqual(names, [...names].sort());
});
