import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { commit, git, headOf } from '../fixtures/local-fleet.ts';
import { RealFleet } from '../fixtures/real-fleet.ts';
import type { Result } from '../fixtures/running.ts';
import { assertFailed, assertGave } from '../fixtures/stage.ts';

const fleet = new RealFleet([]);
const app = join(fleet.dir, 'webapp');
const file = join(app, 'fleet.json');

before(() => {
  mkdirSync(join(app, 'deep/er'), { recursive: true });
  git(app, 'init', '-q', '-b', 'main');
  commit(app, { '.gitignore': 'fleet.json\n' });
});
after(() => fleet.end());

const cli = (...args: string[]): Promise<Result> => fleet.run(args, { cwd: app });
const written = () => JSON.parse(readFileSync(file, 'utf8'));

test('add, ls and rm keep remotes in fleet.json in the git root, and leave everything else in it alone', async () => {
  writeFileSync(
    file,
    '{ "name": "mine", "remote": { "old": { "hub": "o:1", "note": "kept" } }, "list": [1, 2] }',
  );
  const added = await fleet.run(['remote', 'add', '--hub=h:7000', '--secret', '007'], {
    cwd: join(app, 'deep/er'),
  });
  assertGave(added, 0, '');
  assert.ok(!existsSync(join(app, 'deep/er/fleet.json')));
  assertGave(await cli('remote', 'add', 'old', '--hub=https://n:2', '--env.X=V', '--env.Y=a=b c'), 0, '');
  const remote = {
    old: { hub: 'https://n:2', env: { X: 'V', Y: 'a=b c' }, note: 'kept' },
    default: { hub: 'h:7000', secret: '007' },
  };
  assert.deepEqual(written(), { name: 'mine', remote, list: [1, 2] });
  assert.deepEqual(Object.keys(written()), ['name', 'remote', 'list']);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  for (const words of [['ls'], ['list'], []]) {
    const list = await cli('remote', ...words);
    assertGave(list, 0, `${JSON.stringify(remote, null, 2)}\n`);
  }
  assertGave(await cli('remote', 'rm', 'old'), 0, '');
  assertGave(await cli('remote', 'remove'), 0, '');
  assert.deepEqual(written(), { name: 'mine', remote: {}, list: [1, 2] });
  assertFailed(
    await cli('remote', 'rm', 'old'),
    1,
    "fleet: no remote 'old'; there are none; see: fleet help remote",
  );
});

test('a fleet.json that is a link stays one', async () => {
  rmSync(file);
  writeFileSync(join(fleet.dir, 'shared.json'), '{}');
  symlinkSync('../shared.json', file);
  await cli('remote', 'add', '--hub=h');
  assert.ok(lstatSync(file).isSymbolicLink());
  assert.deepEqual(JSON.parse(readFileSync(join(fleet.dir, 'shared.json'), 'utf8')), {
    remote: { default: { hub: 'h' } },
  });
  rmSync(file);
});

test('a fleet.json that is broken, empty or half written is reported with line and column, and never overwritten', async () => {
  const broken: [string, string][] = [
    ['', 'line 1, column 1: it is empty'],
    ['{"remote": {"default": {"hub": "h:7000", "sec', 'line 1, column 42: '],
    ['{\n  "remote": {\n    "default": {"hub": "h"},\n  }\n}\n', 'line 4, column 3: '],
    ["{\n  'remote': {}\n}\n", 'line 2, column 3: '],
    ['[]', 'line 1, column 1: '],
  ];
  for (const [text, place] of broken) {
    writeFileSync(file, text);
    for (const args of [
      ['ps'],
      ['remote', 'add', 'x', '--hub=h'],
      ['remote', 'ls'],
      ['remote', 'rm', 'default'],
    ]) {
      if (args[0] === 'ps' || text.startsWith('{\n  "remote')) {
        const result = await cli(...args);
        assertFailed(result, 1, /^fleet: .*; fix it or move it away$/);
        assert.ok(result.stderr.startsWith(`fleet: ${file} is broken at ${place}`), result.stderr);
      }
      assert.equal(readFileSync(file, 'utf8'), text);
    }
  }
  const wrong: [string, RegExp][] = [
    ['{"remote": []}', /fleet\.json: "remote" should be an object of remotes/],
    ['{"remote": {"default": "h:7000"}}', /remote\.default should be an object/],
    ['{"remote": {"default": {"hub": 7000}}}', /remote\.default\.hub should be a string/],
    ['{"remote": {"default": {"hub": "h", "secret": 7}}}', /remote\.default\.secret should be a string/],
    [
      '{"remote": {"default": {"hub": "h", "env": {"PORT": 80}}}}',
      /remote\.default\.env\.PORT should be a string/,
    ],
  ];
  for (const [text, line] of wrong) {
    writeFileSync(file, text);
    assertFailed(await cli('ps'), 1, line);
  }
  assertFailed(await cli('remote', 'add', 'x', '--hub=h'), 1, /should be a string/);
  assert.equal(readFileSync(file, 'utf8'), wrong.at(-1)?.[0]);
  rmSync(file);
});

test('an invalid remote is refused', async () => {
  const bad: [string[], number, string][] = [
    [['add'], 2, 'fleet: which hub? give --hub=HOST:PORT'],
    [['add', 'x', '--hub=h:port'], 2, "fleet: 'port' is not a port; give a number from 0 to 65535"],
    [['add', 'a', 'b', '--hub=h'], 2, 'fleet: give the remote one name: fleet remote add NAME'],
    [
      ['add', 'a b', '--hub=h'],
      2,
      "fleet: 'a b' cannot name a remote: letters, digits, '.', '_' and '-' only",
    ],
    [['ad', 'x', '--hub=h'], 2, "fleet: fleet remote has no 'ad'; did you mean add?"],
    [['show'], 2, "fleet: fleet remote has no 'show'; there are: add, rm, ls, trust"],
    [['add', 'x', '--hub=h', '--env.A'], 2, 'fleet: --env.A needs a value: --env.A=VALUE'],
    [['add', 'x', '--hub=h', '--env=A'], 2, "fleet: --env needs the variable's name: write --env.NAME=VALUE"],
  ];
  for (const [args, code, line] of bad) assertFailed(await cli('remote', ...args), code, line);
  const outside = await fleet.run(['remote', 'add', '--hub=h'], { cwd: fleet.dir });
  assertFailed(
    outside,
    1,
    'fleet: not in a git repository; go to one, or keep the remote in your own configuration with --global',
  );
  assert.ok(!existsSync(file));
});

test("a fleet.json that git tracks gets a warning, and --global uses the user's own configuration", async () => {
  const tracked = join(fleet.dir, 'tracked');
  mkdirSync(tracked);
  git(tracked, 'init', '-q', '-b', 'main');
  commit(tracked, { 'fleet.json': '{}' });
  const warned = await fleet.run(['remote', 'add', '--hub=h', '--secret=s'], { cwd: tracked });
  assertGave(warned, 0, '', warned.stderr);
  assert.match(warned.stderr, /^fleet\.json is tracked by git, .*--global default\n$/);
  assertGave(await fleet.run(['remote', 'add', '--global', 'mine', '--hub=h:1'], { cwd: fleet.dir }), 0, '');
  assertGave(
    await fleet.run(['remote', 'ls'], { cwd: join(app, 'deep') }),
    0,
    `${JSON.stringify({ mine: { hub: 'h:1' } }, null, 2)}\n`,
  );
  rmSync(join(fleet.dir, '.config'), { recursive: true });
});

test('without a hub: Specify a --hub or set a remote.', async () => {
  const line = 'fleet: Specify a --hub or set a remote.';
  for (const args of [
    ['ps'],
    ['deploy'],
    ['spawn', 'true'],
    ['exec', 'true'],
    ['stop', '1e99f4'],
    ['monitor'],
    ['drone'],
  ])
    assertFailed(await cli(...args), 2, line);
  const empty = await fleet.run(['ps'], { cwd: app, env: { FLEET_HUB: '', FLEET_SECRET: '' } });
  assertFailed(empty, 2, line);
  assertFailed(
    await cli('ps', '+staging'),
    2,
    "fleet: no remote 'staging'; there are none; see: fleet help remote",
  );
  await cli('remote', 'add', 'staging', '--hub=h');
  assertFailed(await cli('ps'), 2, line);
  assertFailed(
    await cli('ps', '+stagign'),
    2,
    "fleet: no remote 'stagign'; did you mean staging?; there are: staging",
  );
});

test('a flag wins over FLEET_HUB and FLEET_SECRET, which win over the remote', async () => {
  await fleet.hub();
  await fleet.drone('web1');
  const [right, wrong] = [fleet.address, '127.0.0.1:1'];
  const attempt = async (
    flags: { hub?: string; secret?: string; remote?: string },
    env: { FLEET_HUB?: string; FLEET_SECRET?: string },
    file: { hub?: string; secret?: string },
  ) => {
    writeFileSync(
      join(app, 'fleet.json'),
      JSON.stringify({ remote: { default: file, other: { hub: right, secret: 'beepboop' } } }),
    );
    const given = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    return (await fleet.run(['ps', ...given], { cwd: app, env })).stdout === 'drone#web1\n';
  };
  const ok = { hub: right, secret: 'beepboop' };
  const OK = { FLEET_HUB: right, FLEET_SECRET: 'beepboop' };
  const bad = { hub: wrong, secret: 'no' };
  const BAD = { FLEET_HUB: wrong, FLEET_SECRET: 'no' };
  assert.equal(await attempt(ok, BAD, bad), true, 'flags');
  assert.equal(await attempt({}, OK, bad), true, 'environment');
  assert.equal(await attempt({}, {}, ok), true, 'remote');
  assert.equal(
    await attempt({ hub: right }, { ...BAD, FLEET_SECRET: 'beepboop' }, bad),
    true,
    'each for itself',
  );
  assert.equal(await attempt({ secret: 'beepboop' }, { FLEET_HUB: right }, bad), true, 'each for itself');
  assert.equal(
    await attempt({}, { FLEET_SECRET: 'beepboop' }, { ...ok, secret: 'no' }),
    true,
    'half and half',
  );
  assert.equal(await attempt({ remote: 'other' }, BAD, bad), true, 'a remote that was named is a flag');
  assert.equal(await attempt({ secret: 'no' }, OK, ok), false, 'a wrong flag is not made up for');
});

test('secrets are strings, whatever they contain: for drones, clients, and in git URLs', async () => {
  for (const secret of ['007', 'a:b/c@d', 'ü&?#% +"\'\\$x']) {
    const other = new RealFleet(['hub']);
    try {
      const hub = other.startDaemon('hub', ['hub', '--port=0', '--host=127.0.0.1', '--secret', secret]);
      const [, port] = await hub.printed(/control service listening on :(\d+)/);
      const [, gport] = await hub.printed(/git service listening on :(\d+)/);
      const flags = [`--hub=127.0.0.1:${port}`, `--secret=${secret}`];
      other.droneDirs.add(join(other.dir, 'd'));
      const drone = other.startDaemon('d', ['drone', ...flags, '--name=d']);
      await drone.printed(/^connected to the hub$/m);
      await other.run(['remote', 'add', ...flags], { cwd: app });
      const run = (...args: string[]) => other.run(args, { cwd: app });
      assertGave(await run('deploy'), 0, `deployed webapp/${headOf(app)}\n`);
      const near = secret === '007' ? '7' : `${secret}x`;
      assertFailed(await run('ps', `--secret=${near}`), 1, 'fleet: wrong secret');
      git(
        other.dir,
        'clone',
        '-q',
        `http://git:${encodeURIComponent(secret)}@127.0.0.1:${gport}/webapp.git`,
        'clone',
      );
      assert.equal(headOf(join(other.dir, 'clone')), headOf(app));
    } finally {
      await other.end();
    }
  }
});

test('a directory that is not writable is reported in one line', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, async () => {
  rmSync(file, { force: true });
  chmodSync(app, 0o500);
  const result = await cli('remote', 'add', '--hub=h');
  chmodSync(app, 0o700);
  assertFailed(result, 1, /^fleet: cannot write .*fleet\.json: EACCES/);
});
