import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git, headOf } from '../fixtures/local-fleet.ts';
import type { Result } from '../fixtures/running.ts';
import { assertFailed, assertGave, stage } from '../fixtures/stage.ts';

const on = stage(['web1', 'web2', 'db'], {
  'words.js': `console.log(JSON.stringify(process.argv.slice(2)));`,
  'env.js': `
    const names = ['REPO', 'COMMIT', 'DRONE_ID', 'PROCESS_ID', 'A', 'B', 'FLEET_SECRET', 'FLEET_HUB'];
    console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, process.env[name]]))));
    console.log(JSON.stringify(process.env).includes('beepboop') ? 'knows the secret' : 'knows no secret');
    if (process.argv[2]) setInterval(() => {}, 1000);
  `,
});

/** The lines that one exec printed, without what stands before each. */
function linesOf({ stdout }: Result): string[] {
  return [...stdout.matchAll(/^\[[^\]]*\] (.*)$/gm)].map((match) => match[1] ?? '');
}

/** The drones that were picked, by what was printed for each. */
function dronesIn({ stdout }: Result): string[] {
  return [...stdout.matchAll(/^\(spawned ([^#]+)#[0-9a-f]{6}\)$|^\(([^#]+)#[0-9a-f]{6} exited\)$/gm)]
    .map((match) => match[1] ?? match[2] ?? '')
    .sort();
}

test('spawn prints one line per drone and returns; without --drone one drone is picked', async () => {
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${headOf(on.app)}\n`);
  const all = await on.cli('spawn', '--drone=*', '--', 'sleep', '300');
  assert.match(all.stdout, /^(\(spawned (db|web1|web2)#[0-9a-f]{6}\)\n){3}$/);
  assertGave(all, 0, all.stdout);
  assert.deepEqual(dronesIn(all), ['db', 'web1', 'web2']);
  const ids = [...all.stdout.matchAll(/#([0-9a-f]{6})/g)].map((match) => match[1]);
  assert.equal(new Set(ids).size, 3, 'ids are one of a kind');
  const one = await on.cli('spawn', 'sleep', '300');
  assert.match(one.stdout, /^\(spawned (db|web1|web2)#[0-9a-f]{6}\)\n$/);
});

test('a selector is a name, a star, or a regular expression, and may be given more than once', async () => {
  const picks: [string[], string[]][] = [
    [['--drone=web1'], ['web1']],
    [['--drone', 'web2'], ['web2']],
    [['--drone=/^web/'], ['web1', 'web2']],
    [['--drone=/^WEB\\d$/i'], ['web1', 'web2']],
    [
      ['--drones=db', '--drones=web2'],
      ['db', 'web2'],
    ],
    [
      ['--drone=db', '--drone=*'],
      ['db', 'web1', 'web2'],
    ],
  ];
  for (const [selectors, picked] of picks) {
    const result = await on.cli('exec', ...selectors, '--', 'true');
    assert.deepEqual([result.code, dronesIn(result)], [0, picked], selectors.join(' '));
  }
  const there = 'there are: db, web1, web2';
  for (const selector of ['nope', '/^x/', 'web', 'WEB1']) {
    const failed = await on.cli('spawn', '--drone=web1', `--drone=${selector}`, '--', 'sleep', '300');
    assertFailed(failed, 1, `fleet: no drone matches '${selector}'; ${there}`);
  }
  const broken = await on.cli('exec', '--drone=/(/', '--', 'true');
  assertFailed(broken, 2, /^fleet: --drone=\/\(\/ is not a regular expression: /);
});

test('everything from -- or the first bare word on is the command, unchanged', async () => {
  const words = ['', ' ', 'a b', '--drone=db', '--', '-x', '+db', '"\'$HOME`id`', 'ü\n', '*', '--env.A=1'];
  for (const before of [['--'], []]) {
    const result = await on.cli('exec', '--drone', 'web1', ...before, 'node', 'words.js', ...words);
    assert.deepEqual(JSON.parse(linesOf(result)[0] ?? ''), words);
  }
});

test('the environment has REPO, COMMIT, DRONE_ID, PROCESS_ID and --env, and nothing of another process', async () => {
  const flags = ['--env.A=1=2', '--env.B', 'with space', '--drone=web1'];
  const first = await on.cli('exec', ...flags, '--', 'node', 'env.js');
  const [, id = ''] = /#([0-9a-f]{6})\]/.exec(first.stdout) ?? [];
  const own = { REPO: 'webapp', COMMIT: headOf(on.app), DRONE_ID: 'web1' };
  const given = { A: '1=2', B: 'with space', PROCESS_ID: id };
  assert.deepEqual(JSON.parse(linesOf(first)[0] ?? ''), { ...own, ...given });
  assert.equal(linesOf(first)[1], 'knows no secret');
  const spawned = await on.cli('spawn', '--drone=web1', '--', 'node', 'env.js', 'stay');
  const [, later = ''] = /#([0-9a-f]{6})\)/.exec(spawned.stdout) ?? [];
  const lines = new RegExp(`^\\[${later}#webapp.${headOf(on.app)}\\] (\\{.*)\\n\\[.*\\] (.*)$`, 'm');
  const [, env = '', secret] = (await on.drones['web1']?.printed(lines)) ?? [];
  assert.deepEqual(JSON.parse(env), { ...own, PROCESS_ID: later });
  assert.equal(secret, 'knows no secret');
  const pretended = await on.cli(
    'exec',
    '--drone=web1',
    '--env.REPO=x',
    '--env.DRONE_ID=y',
    'node',
    'env.js',
  );
  assert.equal(JSON.parse(linesOf(pretended)[0] ?? '').DRONE_ID, 'web1');
});

test("a remote's env applies to spawn and exec through it, and --env wins", async () => {
  const hub = [`--hub=${on.fleet.address}`, '--secret=beepboop'];
  assertGave(await on.cli('remote', 'add', 'staging', ...hub, '--env.A=remote', '--env.B=remote'), 0, '');
  const read = async (...args: string[]) => {
    const { A, B } = JSON.parse(linesOf(await on.cli(...args))[0] ?? '');
    return { A, B };
  };
  for (const through of ['+staging', '--remote=staging', '--remote staging']) {
    const words = ['exec', '--drone=web1', ...through.split(' '), '--env.B=mine', '--', 'node', 'env.js'];
    assert.deepEqual(await read(...words), { A: 'remote', B: 'mine' }, through);
  }
  const none = { A: undefined, B: undefined };
  assert.deepEqual(await read('exec', '--drone=web1', 'node', 'env.js'), none, 'not through another one');
  await on.cli('spawn', '+staging', '--drone=db', '--', 'node', 'env.js', 'stay');
  await on.drones['db']?.printed(/"A":"remote","B":"remote"/);
});

test('a drone that lacks the commit gets it first; a commit that the hub lacks is an error that says what to do', async () => {
  const checkout = join(on.fleet.dir, 'web2/deploy', `webapp.${headOf(on.app)}`);
  rmSync(checkout, { recursive: true });
  const result = await on.cli('exec', '--drone=web2', '--', 'node', 'words.js', 'x');
  assert.deepEqual(linesOf(result), ['["x"]']);
  assert.ok(existsSync(checkout));
  git(on.app, 'commit', '-q', '--allow-empty', '-m', 'not deployed');
  const here = headOf(on.app);
  const line = `[web2] webapp/${here} is not at the hub; in its checkout, run: fleet deploy`;
  assertFailed(await on.cli('exec', '--drone=web2', '--', 'true'), 1, line);
  assertFailed(await on.cli('spawn', '--drone=web2', '--', 'true'), 1, line);
  const old = await on.cli('exec', '--commit=HEAD~1', '--drone=web2', '--', 'node', 'words.js');
  assert.deepEqual(linesOf(old), ['[]']);
  const named = ['--repo=nope', `--commit=${here}`];
  assertFailed(
    await on.cli('exec', ...named, '--drone=web2', '--', 'true'),
    1,
    /^\[web2\] nope\/.* fleet deploy$/,
  );
  git(on.app, 'reset', '-q', '--hard', 'HEAD~1');
});

test('a missing command is one clear line, and the drone survives', async () => {
  const failed = '[web1] spawn nodee: not found';
  assertFailed(await on.cli('spawn', '--drone=web1', '--', 'nodee', 'server.js'), 1, failed);
  assertFailed(await on.cli('exec', '--drone=web1', '--', 'nodee', 'server.js'), 1, failed);
  const text = await on.cli('exec', '--drone=web1', '--', './words.js');
  assertFailed(text, 1, '[web1] spawn ./words.js: not allowed to run it (is it executable?)');
  const some = await on.cli('spawn', '--drone=web1', '--drone=web2', '--', 'nodee');
  assert.deepEqual(some.stderr.split('\n').sort(), ['', failed, failed.replace('web1', 'web2')]);
  const alive = await on.cli('exec', '--drone=web1', '--', 'node', 'words.js');
  assert.equal(alive.code, 0);
  const ps = await on.fleet.ps();
  const commands = Object.values(ps['web1'] ?? {}).map((process) => JSON.stringify(process));
  assert.ok(!commands.some((process) => process.includes('nodee')), 'it is no process');
});

test('the drone restarts a process whenever it dies', async () => {
  const id = await on.fleet.spawn(on.app, 'web1', 'sh', '-c', 'echo started; exit 3');
  const release = `${id}#webapp.${headOf(on.app)}`;
  const command = "sh -c 'echo started; exit 3'";
  const line = (text: string) => `${text}\n`;
  const once =
    line(`(spawned ${release} : ${command})`) +
    line(`[${release}] started`) +
    line(`(exited ${release} with code 3 from signal null: ${command})`);
  const printed = () =>
    on.drones['web1']?.stdout.slice(on.drones['web1'].stdout.indexOf(`(spawned ${release}`));
  await on.drones['web1']?.printed(new RegExp(`(spawned ${release} [^]*){2}exited ${release}`));
  assert.ok(printed()?.startsWith(once + once.split('\n')[0]), printed());
  const { status, restarts } = (await on.fleet.ps())['web1']?.[id] ?? {};
  assert.match(status ?? '', /^(running|respawning)$/);
  assert.ok((restarts ?? 0) >= 1);
});

test('env is kept with the process, and nowhere else', () => {
  const audit = readFileSync(join(on.fleet.dir, 'hub/audit.jsonl'), 'utf8');
  assert.ok(!audit.includes('with space') && audit.includes('"env":["A","B"]'));
});
