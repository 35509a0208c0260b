import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commit, eventually, headOf } from '../fixtures/local-fleet.ts';
import { BIN, RealFleet } from '../fixtures/real-fleet.ts';
import { Running } from '../fixtures/running.ts';
import { assertFailed, assertGave, stage } from '../fixtures/stage.ts';

const on = stage(['web1'], { 'a.txt': 'a' });
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** Listens on a free port, and gives `HOST:PORT`. */
function listen(server: Server): Promise<string> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

const directory = (name: string) => {
  const dir = join(on.fleet.dir, name);
  mkdirSync(dir, { recursive: true });
  return dir;
};

/** Every client command, none of which would change anything. */
const COMMANDS = [
  ['ps'],
  ['deploy'],
  ['spawn', '--', 'true'],
  ['exec', '--', 'true'],
  ['stop', 'ffffff'],
  ['monitor'],
  ['logs'],
];

test('without a hub, every command says so in one line', async () => {
  const server = createServer();
  const address = await listen(server);
  server.close();
  const flags = [`--hub=${address}`, '--secret=s'];
  const results = COMMANDS.map(([name = '', ...words]) => on.cli(name, ...flags, ...words));
  for (const result of await Promise.all(results))
    assertFailed(result, 1, `fleet: cannot reach the hub at ${address}: nothing listens there`);
  const nowhere = await on.cli('ps', '--hub=nowhere.invalid');
  assertFailed(nowhere, 1, /^fleet: cannot reach the hub at nowhere\.invalid:7000: /);
});

test('a port that never answers, or speaks another protocol, is reported within --timeout', async () => {
  const silent = await listen(createServer((socket) => socket.on('error', () => {})));
  const flags = (address: string) => [`--hub=${address}`, '--secret=s', '--timeout=500ms'];
  assertFailed(
    await on.cli('ps', ...flags(silent)),
    1,
    `fleet: no answer from the hub at ${silent} within 0.5 s; is it the right address?`,
  );
  assertFailed(await on.cli('exec', ...flags(silent), '--', 'true'), 1, /^fleet: no answer from the hub/);
  const http = await listen(createHttpServer((_, response) => response.end('<h1>hello</h1>')));
  assertFailed(
    await on.cli('ps', ...flags(http)),
    1,
    /^fleet: this is not a fleet hub's control port \(it answered: .*\)$/,
  );
  const babble = await listen(
    createServer((socket) => socket.on('error', () => {}).end('220 smtp ready\r\n')),
  );
  assertFailed(
    await on.cli('ps', ...flags(babble)),
    1,
    new RegExp(`^fleet: cannot reach the hub at ${babble}: `),
  );
  const closing = await listen(createServer((socket) => socket.destroy()));
  assertFailed(
    await on.cli('ps', ...flags(closing)),
    1,
    new RegExp(`^fleet: cannot reach the hub at ${closing}: `),
  );
  const git = await on.cli('ps', `--hub=127.0.0.1:${on.fleet.gport}`, '--secret=beepboop');
  assertFailed(git, 1, /^fleet: this is not a fleet hub's control port/);
  const tls = await on.cli('ps', `--hub=https://${on.fleet.address}`, '--secret=beepboop');
  assertFailed(
    tls,
    1,
    `fleet: cannot reach the hub at ${on.fleet.address}: it does not speak TLS; try without https://`,
  );
});

test('a wrong secret is reported once, and ends a client and a drone with status 1', async () => {
  for (const [name = '', ...words] of COMMANDS.slice(0, 4))
    assertFailed(await on.cli(name, '--secret=boop', ...words), 1, 'fleet: wrong secret');
  const none = await on.cli('ps', '--secret=');
  assertFailed(none, 1, 'fleet: this hub wants its secret: give --secret');
  const drone = await on.fleet.run(['drone', `--hub=${on.fleet.address}`, '--secret=boop'], {
    cwd: directory('wrong'),
  });
  assertFailed(drone, 1, 'fleet: wrong secret');
});

test('a taken port is reported in one line', async () => {
  const taken = await listen(createServer());
  const port = taken.split(':')[1] ?? '';
  const hub = (...args: string[]) =>
    on.fleet.run(['hub', '--secret=s', '--host=127.0.0.1', ...args], { cwd: directory('second') });
  const line = `fleet: port ${port} is taken by another program; choose one with --port or --gport`;
  assertFailed(await hub(`--port=${port}`), 1, line);
  assertFailed(await hub('--port=0', `--gport=${port}`), 1, line);
  assertFailed(
    await hub('--port=65535'),
    2,
    'fleet: cannot listen on 127.0.0.1 port 65536: ports end at 65535',
  );
});

test('a directory has one hub, and one drone', async () => {
  const hub = await on.fleet.run(['hub', '--port=0', '--secret=s'], { cwd: join(on.fleet.dir, 'hub') });
  assertFailed(
    hub,
    1,
    `fleet: a hub is already running in this directory (pid ${on.hub.pid}); use another one`,
  );
  const drone = await on.fleet.run(['drone', `--hub=${on.fleet.address}`, '--secret=beepboop'], {
    cwd: join(on.fleet.dir, 'web1'),
  });
  const { pid } = on.drones['web1'] ?? {};
  assertFailed(drone, 1, `fleet: a drone is already running in this directory (pid ${pid}); use another one`);
});

test('hub and drone report a directory that is not writable in one line', {
  skip: !existsSync('/proc/self'),
}, async () => {
  const hub = await on.fleet.run(['hub', '--port=0', '--secret=s', '--host=127.0.0.1'], { cwd: '/proc' });
  assertFailed(hub, 1, /^fleet: cannot write \/proc\/hub\.lock: /);
  const flags = [`--hub=${on.fleet.address}`, '--secret=beepboop'];
  const drone = await on.fleet.run(['drone', ...flags], { cwd: '/proc' });
  assertFailed(drone, 1, /^fleet: cannot write \/proc\/drone\.lock: /);
});

test('a file in place of a directory is reported in one line', async () => {
  const flags = [`--hub=${on.fleet.address}`, '--secret=beepboop', '--name=blocked'];
  for (const name of ['run', 'log', 'repos', 'deploy']) {
    const cwd = directory(`blocked-${name}`);
    writeFileSync(join(cwd, name), '');
    const result = await on.fleet.run(['drone', ...flags], { cwd });
    assertFailed(result, 1, new RegExp(`^fleet: ${join(cwd, name)} is not a directory; move it away$`));
  }
  const cwd = directory('blocked-hub');
  writeFileSync(join(cwd, 'repos'), '');
  const hub = await on.fleet.run(['hub', '--port=0', '--secret=s', '--host=127.0.0.1'], { cwd });
  assertFailed(hub, 1, new RegExp(`^fleet: ${join(cwd, 'repos')} is not a directory; move it away$`));
});

test('a hub that cannot write its repositories tells whoever deploys', async () => {
  const repos = join(on.fleet.dir, 'hub/repos');
  rmSync(repos, { recursive: true, force: true });
  writeFileSync(repos, '');
  const result = await on.cli('deploy', '--repo=fresh');
  rmSync(repos);
  assertFailed(result, 1, /^fleet: git push: cannot make the repository fresh: /);
  assertGave(await on.cli('deploy', '--repo=fresh'), 0, `deployed fresh/${headOf(on.app)}\n`);
});

test('a hub that cannot read its own files does not start, and leaves them alone', async () => {
  for (const [name, text] of [
    ['hub.json', '{"drones": {'],
    ['hub.json', '[]'],
    ['tokens.json', 'x'],
  ] as const) {
    const dir = directory('broken');
    writeFileSync(join(dir, name), text);
    const hub = await on.fleet.run(['hub', '--port=0', '--secret=s', '--host=127.0.0.1'], { cwd: dir });
    assertFailed(hub, 1, new RegExp(`^fleet: ${join(dir, name)} is (broken|not a file that a hub wrote)`));
    assert.equal(readFileSync(join(dir, name), 'utf8'), text);
    rmSync(dir, { recursive: true });
  }
});

test('a drone without a hub keeps dialling, says once what is wrong, and connects when the hub comes up', async () => {
  const other = new RealFleet([]);
  try {
    const first = await other.hub();
    await first.end('SIGTERM');
    const drone = other.startDrone('early');
    await drone.printed(/cannot reach the hub/);
    await other.hub();
    await drone.printed(/^connected to the hub$/m);
    assert.equal(drone.stdout, 'connected to the hub\n');
    assert.equal(
      drone.stderr,
      `fleet: cannot reach the hub at ${other.address}: nothing listens there; trying again every few seconds\n`,
    );
  } finally {
    await other.end();
  }
});

test('standard output on a full disk is an error', { skip: !existsSync('/dev/full') }, async () => {
  const full = openSync('/dev/full', 'w');
  for (const args of [['version'], ['ps']]) {
    const options = { cwd: on.app, env: on.fleet.env };
    const child = spawn(process.execPath, [BIN, ...args], { ...options, stdio: ['ignore', full, 'pipe'] });
    const { code, stderr } = await on.fleet.own(new Running(child)).ended;
    assert.equal(code, 1);
    assert.match(stderr, /^fleet: cannot write to standard output: ENOSPC[^\n]*\n$/);
  }
  closeSync(full);
});

test('in a directory that was removed, a command works without it, or says so in one line', async () => {
  const gone = (...args: string[]) => {
    const shell = ['-c', 'rmdir "$PWD" && exec "$0" "$@"', process.execPath, BIN, ...args];
    const child = spawn('sh', shell, { cwd: directory('gone'), env: on.fleet.env });
    return on.fleet.own(new Running(child)).ended;
  };
  const flags = [`--hub=${on.fleet.address}`, '--secret=beepboop'];
  const line = 'fleet: the current directory was removed; go to another one';
  assertGave(await gone('ps', ...flags), 0, 'drone#web1\n');
  assert.equal((await gone('version')).code, 0);
  assertFailed(await gone('deploy', ...flags), 1, line);
  assertFailed(await gone('ps'), 1, line);
});

test('the audit trail has a deploy that pushes first once, and shows addresses in their usual form', async () => {
  const here = commit(on.app, { 'a.txt': 'audited' });
  await on.cli('deploy');
  await eventually(async () => (await on.cli('audit')).stdout.includes(`${here}: ok`), 'it is written');
  const { stdout } = await on.cli('audit');
  const about = stdout.split('\n').filter((line) => line.includes(here));
  assert.deepEqual(
    about.map((line) => line.replace(/^\S+ /, '')),
    [`secret@127.0.0.1 deploy webapp/${here}: ok`],
  );
  assert.match(on.hub.stderr, /^drone web1 from 127\.0\.0\.1$/m);
  assert.doesNotMatch(on.hub.stderr + stdout, /::ffff/);
});
