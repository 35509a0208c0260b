import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { FleetError } from '../../src/protocol/errors.ts';
import { FakeDrone, report } from '../fixtures/fake-drone.ts';
import { commit, initRepository } from '../fixtures/local-fleet.ts';
import { RealFleet, SECRET } from '../fixtures/real-fleet.ts';

/** What a terminal would obey: escape sequences of both kinds, and what turns text around. */
const HOSTILE = 'a\x1b]0;title\x07\x9b31mb\x85\u202etxt\u2066c';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const fleet = new RealFleet(['hub']);
let drone: FakeDrone;
let cwd: string;
before(async () => {
  await fleet.hub();
  drone = await FakeDrone.join(fleet.address, SECRET, 'odd', [
    report('00000a', { command: ['node', HOSTILE], labels: { a: HOSTILE } }),
  ]);
  drone.answer = () => {
    throw new FleetError('EGIT', HOSTILE);
  };
  cwd = join(fleet.dir, 'apps/webapp');
  initRepository(cwd);
  commit(cwd, { 'a.txt': 'a' });
});
after(async () => {
  drone.peer.close();
  await fleet.end();
});

for (const args of [
  ['deploy'],
  ['spawn', '--', 'node', HOSTILE],
  ['stop', '00000a'],
  ['exec', '--', 'node', HOSTILE],
  ['ps', '--json'],
  ['drones', '--json'],
  ['audit', '--json'],
  ['repos', '--json'],
  ['token', 'ls', '--json'],
])
  test(`fleet ${args[0]} ${args.at(-1) === '--json' ? '--json ' : ''}passes on nothing that a terminal would obey, also through a pipe`, async () => {
    const target = [`--hub=${fleet.address}`, `--secret=${SECRET}`];
    const [command = '', ...rest] = args;
    const { stdout, stderr } = await fleet.run([command, ...target, ...rest], { cwd });
    assert.doesNotMatch(stderr, OBEYED);
    if (!args.includes('--json')) return;
    assert.doesNotMatch(stdout, OBEYED);
    if (['ps', 'audit'].includes(command)) assert.match(stdout, /\\u202etxt/, 'and it is there');
  });

test('what git tells whoever pushes has nothing of it', async () => {
  const url = `http://git:${SECRET}@127.0.0.1:${fleet.gport}/webapp.git`;
  const push = promisify(execFile)('git', ['push', url, 'HEAD:refs/heads/main'], { cwd });
  const { stderr: said } = await push.catch((error: { stderr: string }) => error);
  assert.match(said, /remote: .*txt/);
  assert.doesNotMatch(said.replaceAll('\x1b[K', '').replaceAll('\r', ''), OBEYED);
});
