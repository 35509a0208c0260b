import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, git, headOf } from '../fixtures/local-fleet.ts';
import { assertFailed, assertGave, stage } from '../fixtures/stage.ts';

const on = stage(['web1', 'web2'], {
  'stay.js': `console.log('up'); setInterval(() => {}, 1000);`,
  'api/tell.js': `
    const { PORT, A, B, C } = process.env;
    console.log(JSON.stringify({ cwd: process.cwd().split('/').pop(), PORT, A, B, C }));
    require('node:http').createServer().listen(PORT);
  `,
  'die.js': `console.log('first'); console.error('Error: no database'); process.exitCode = 7;`,
});

test('spawn --stable says nothing more if the process stays, and fails with its last lines if it ends', async () => {
  const good = await on.cli('spawn', '--drone=web1', '--stable=200ms', '--', 'node', 'stay.js');
  assert.match(good.stdout, /^\(spawned web1#[0-9a-f]{6}\)\n$/);
  assert.deepEqual([good.code, good.stderr], [0, '']);
  const bad = await on.cli('spawn', '--drone=web1', '--stable=1m', '--', 'node', 'die.js');
  const [, id = ''] = /^\(spawned (web1#[0-9a-f]{6})\)\n$/.exec(bad.stdout) ?? [];
  const lines = [
    `[${id}] first`,
    `[${id}] Error: no database`,
    `(${id} exited 7)`,
    `fleet: ${id} exited 7 within 1m; it is started again until: fleet stop ${id}`,
  ];
  assert.deepEqual([bad.code, bad.stderr], [1, lines.map((line) => `${line}\n`).join('')]);
  assert.equal((await on.cli('stop', id)).code, 0);
});

test('spawn --stable on several drones waits for each, and tells of those that ended', async () => {
  const script = 'if [ "$DRONE_ID" = web2 ]; then exit 3; fi; exec sleep 300';
  const some = await on.cli('spawn', '--drone=*', '--stable=1s', '--', 'sh', '-c', script);
  const [, id = ''] = /^\(spawned (web2#[0-9a-f]{6})\)$/m.exec(some.stdout) ?? [];
  assert.equal(some.code, 1);
  assert.match(
    some.stderr,
    new RegExp(`^(\\(${id} (exited 3|restarted)\\)\n)+fleet: ${id} exited 3 within 1s; [^\n]+\n$`),
  );
});

test('--stable takes a time, which is not nothing', async () => {
  for (const [given, why] of [
    ['0', '--stable=0 is no time at all; write --stable=5s'],
    ['soon', '--stable=soon is not a length of time; write 10s, 2m, 1h or 30d'],
  ]) {
    const { code, stderr } = await on.cli('spawn', `--stable=${given}`, '--', 'true');
    assert.deepEqual([code, stderr], [2, `fleet: ${why}\n`]);
  }
});

test('ps selects as stop does, and --wide has a line for each process', async () => {
  const [first, second] = [
    await on.fleet.spawn(on.app, 'web1', 'sleep', '301'),
    await on.fleet.spawn(on.app, 'web2', 'sleep', '302'),
  ];
  const lines = async (...args: string[]) => (await on.cli('ps', '--wide', ...args)).stdout;
  const line = (name: string, command: string) =>
    new RegExp(`^${name}  running +up \\d+s +(cpu .*)?webapp/[0-9a-f]{7}  ${command}$`, 'm');
  assert.match(await lines(), line(`web1#${first}`, 'sleep 301'));
  assert.match(await lines(`pid#${first}`), line(`web1#${first}`, 'sleep 301'));
  const table: [string[], boolean[]][] = [
    [[first], [true, false]],
    [
      [`web1#${first}`, second],
      [true, true],
    ],
    [['--drone=web2'], [false, true]],
    [
      ['--drone=/^web/', '--commit=HEAD'],
      [true, true],
    ],
    [['--commit=deadbeef'], [false, false]],
    [['--repo=other'], [false, false]],
    [
      ['--repo=webapp', '--drone=web1'],
      [true, false],
    ],
  ];
  for (const [args, shown] of table) {
    const all = await lines(...args);
    assert.deepEqual([all.includes(first), all.includes(second)], shown, args.join(' '));
  }
  const tree = await on.cli('ps', first);
  assert.deepEqual([tree.code, tree.stdout.match(/drone#|pid#/g)], [0, ['drone#', 'pid#']]);
  const json = JSON.parse((await on.cli('ps', '--json', second)).stdout);
  assert.deepEqual(Object.keys(json.web2.processes), [second]);
  const elsewhere = await on.cli('ps', '--wide', `web2#${first}`, second);
  assert.deepEqual(
    [elsewhere.code, elsewhere.stderr],
    [1, `fleet: no process web2#${first}; fleet ps lists what runs\n`],
  );
  assert.match(elsewhere.stdout, line(`web2#${second}`, 'sleep 302'));
  const nobody = await on.cli('ps', '--drone=web3');
  assert.deepEqual(
    [nobody.code, nobody.stderr],
    [1, "fleet: no drone matches 'web3'; there are: web1, web2\n"],
  );
});

test('spawn takes variables from a file, a directory, and a free port, which stays over restarts', async () => {
  const file = join(on.fleet.dir, 'settings.env');
  writeFileSync(file, 'A=file\nB="from a file"\n');
  const where = ['--drone=web1', '--cwd=api', '--port=auto', `--env-file=${file}`];
  const spawned = await on.cli('spawn', ...where, '--env.A=mine', '--env.PORT=1', '--', 'node', 'tell.js');
  const [, id = '', port = ''] = /^\(spawned web1#([0-9a-f]{6}) :(\d+)\)\n$/.exec(spawned.stdout) ?? [];
  const told = (at: string) => `${JSON.stringify({ cwd: 'api', PORT: at, A: 'mine', B: 'from a file' })}`;
  const printed = (times: number) =>
    on.drones['web1']?.printed(new RegExp(`(\\[${id}#[^\\]]*\\] ${told(port)}[^]*){${times}}`));
  await printed(1);
  const ps = (await on.fleet.ps())['web1']?.[id] as { port?: number; app?: string } | undefined;
  assert.deepEqual([ps?.port, ps?.app], [Number(port), null]);
  const tree = await on.cli('ps', id);
  assert.match(tree.stdout, new RegExp(`├── port: {5}:${port}\n`));
  assert.equal((await on.cli('restart', id)).code, 0);
  await printed(2);
  const other = await on.cli('spawn', '--drone=web1', '--port=auto', '--', 'sleep', '300');
  const [, second = ''] = / :(\d+)\)\n$/.exec(other.stdout) ?? [];
  assert.notEqual(second, port);
});

test('a file, a directory or a port that is none is one clear line', async () => {
  const file = await on.cli('spawn', '--env-file=nope.env', '--', 'true');
  assert.match(file.stderr, /^fleet: cannot read .*\/nope.env: ENOENT[^\n]*\n$/);
  const dir = await on.cli('spawn', '--drone=web1', '--cwd=nope', '--', 'true');
  assert.match(dir.stderr, /^\[web1\] spawn true: there is no directory .*\/nope\n$/);
  assert.deepEqual([file.code, dir.code], [1, 1]);
  const port = await on.cli('spawn', '--port=8080', '--', 'true');
  const why = '--port=8080 is not auto; for a port of your own, write --env.PORT=8080';
  assert.deepEqual([port.code, port.stderr], [2, `fleet: ${why}\n`]);
});

test('restart --rolling goes on when each process has stayed, with the variables that it is given', async () => {
  const script = 'echo "mood $MOOD"; if [ "$MOOD" = bad ]; then exit 9; fi; exec sleep 300';
  const spawned = await on.cli('spawn', '--drone=*', '--env.MOOD=calm', '--', 'sh', '-c', script);
  const ids = [...spawned.stdout.matchAll(/(web\d#[0-9a-f]{6})/g)].map((match) => match[1] ?? '').sort();
  const [first = '', second = ''] = ids;
  const line = (process: string) => `[${process.split('#')[0]}] restarted ${process.split('#')[1]}\n`;
  const good = await on.cli('restart', '--rolling', '--stable=100ms', '--env.MOOD=good', ...ids);
  assertGave(good, 0, line(first) + line(second));
  const bad = await on.cli('restart', '--rolling', '--stable=1m', '--env.MOOD=bad', first, second);
  assert.deepEqual([bad.code, bad.stdout], [1, line(first)]);
  assert.match(
    bad.stderr,
    new RegExp(`\\[${first}\\] mood bad\n\\(${first} exited 9\\)\nfleet: ${first} exited 9 within 1m; `),
  );
  assert.match(bad.stderr, new RegExp(`\nfleet: not restarted: ${second}\n$`));
  // What was given once stays, and reaches no other process.
  assert.equal((await on.cli('restart', second)).code, 0);
  const printed = (process: string) =>
    on.cli('logs', process).then(({ stdout }) => stdout.match(/mood \w+/g));
  await eventually(async () => (await printed(second))?.length === 3, 'the second was started three times');
  assert.deepEqual(await printed(second), ['mood calm', 'mood good', 'mood good']);
  assertFailed(await on.cli('restart', '--stable', second), 2, /^fleet: --stable is for restarts one by one/);
  assertFailed(
    await on.cli('restart', '--service=web', '--env.A=1'),
    2,
    /^fleet: the environment of a service is that of its app: /,
  );
});

const checkoutOf = (drone: string, commit: string) =>
  existsSync(join(on.fleet.dir, drone, 'deploy', `webapp.${commit}`));

test('deploy --drone reaches only these drones; a lost one is named, and with --strict nothing happens', async () => {
  git(on.app, 'commit', '-q', '--allow-empty', '-m', 'for one drone');
  const first = headOf(on.app);
  assertGave(await on.cli('deploy', '--drone=web1'), 0, `deployed webapp/${first}\n`);
  assert.deepEqual([checkoutOf('web1', first), checkoutOf('web2', first)], [true, false]);
  const none = await on.cli('deploy', '--drone=web3');
  assertFailed(none, 1, "fleet: no drone matches 'web3'; there are: web1, web2");
  await on.drones['web2']?.end('SIGTERM');
  await on.hub.printed(/lost drone web2/);
  git(on.app, 'commit', '-q', '--allow-empty', '-m', 'for both');
  const second = headOf(on.app);
  const lost = 'lost \\d+s ago';
  const refusal = new RegExp(`^fleet: not connected: web2 \\(${lost}\\); without --strict, it is left out$`);
  for (const words of [
    ['deploy', '--strict'],
    ['deploy', '--strict', '--drone=*'],
    ['spawn', '--strict', '--drone=*', '--', 'sleep', '300'],
    ['exec', '--strict', '--drone=*', '--', 'true'],
  ])
    assertFailed(await on.cli(...words), 1, refusal);
  assert.equal(checkoutOf('web1', second), false);
  assertGave(await on.cli('deploy', '--strict', '--drone=web1'), 0, `deployed webapp/${second}\n`);
  const stored = await on.cli('deploy', '--drone=web2');
  assert.equal(
    stored.stdout,
    `stored webapp/${second}: none of these drones is connected; it waits for them\n`,
  );
  assert.match(
    stored.stderr,
    new RegExp(`^\\[web2\\] not connected \\(${lost}\\): it catches up when it comes back\n$`),
  );
  const exec = await on.cli('exec', '--drone=*', '--', 'true');
  assert.match(exec.stderr, new RegExp(`^\\[web2\\] not connected \\(${lost}\\): left out\n$`));
  assert.match(
    (await on.cli('spawn', '--drone=*', '--', 'sleep', '300')).stderr,
    /^\[web2\] not connected .*: left out\n$/,
  );
  const back = await on.fleet.drone('web2');
  await back.printed(new RegExp(`deployed webapp/${second}`));
  const later = await on.fleet.drone('web3');
  await later.printed(/deployed webapp/);
  assert.deepEqual([checkoutOf('web3', first), checkoutOf('web3', second)], [false, false]);
});

test('repos lists the repositories and what uses them, and rm removes one that nothing does', async () => {
  await on.cli('deploy', '--repo=spare', '--drone=web1');
  const listed = await on.cli('repos');
  const line = (repo: string, used: string) => `${repo} +\\S+ \\S+ +[0-9a-f]{7} +${used}\n`;
  assert.match(
    listed.stdout,
    new RegExp(`^${line('spare', '0 processes')}${line('webapp', '\\d+ process(es)?')}$`),
  );
  const [spare] = JSON.parse((await on.cli('repos', 'ls', '--json')).stdout);
  assert.deepEqual([spare.repo, spare.processes, spare.apps], ['spare', 0, []]);
  const used = await on.cli('repos', 'rm', 'webapp');
  assertFailed(used, 1, /^fleet: \d+ process(es)? runs? from webapp; first: fleet stop --repo=webapp$/);
  assertGave(await on.cli('repos', 'rm', 'spare'), 0, '');
  assertFailed(
    await on.cli('repos', 'rm', 'spare'),
    1,
    'fleet: the hub has no repository spare; there are: webapp',
  );
  assertFailed(await on.cli('repos', 'rm'), 2, 'fleet: say which repository: fleet repos rm NAME');
});

test('completion words knows what the hub has', async () => {
  const words = async (...args: string[]) => {
    const { code, stdout, stderr } = await on.cli('completion', 'words', ...args);
    assert.deepEqual([code, stderr], [0, '']);
    return stdout.split('\n').filter(Boolean);
  };
  assert.deepEqual(await words('drones'), ['web1', 'web2', 'web3']);
  assert.deepEqual(await words('repos'), ['webapp']);
  const ids = await words('ids');
  assert.deepEqual(
    ids,
    Object.values(await on.fleet.ps()).flatMap((processes) => Object.keys(processes)),
  );
  assert.ok(ids.length > 0);
  assert.deepEqual(await words('drones', '--hub=127.0.0.1:1', '--secret=s'), []);
});
