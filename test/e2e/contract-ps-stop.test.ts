import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit, eventually, headOf, processesOf } from '../fixtures/local-fleet.ts';
import { assertFailed, assertGave, stage } from '../fixtures/stage.ts';

const on = stage(['web1', 'db', 'web2'], { 'a.txt': 'a' }, ['hub', 'web2', 'second']);

const sleep = (drone: string) => on.fleet.spawn(on.app, drone, 'sleep', '300');

/** Asks until the answer is right: what a drone reports takes a moment. */
async function psPrints(expected: string): Promise<void> {
  let last = '';
  await eventually(async () => {
    last = (await on.cli('ps')).stdout;
    return last === expected;
  }, 'ps is right').catch(() => assert.equal(last, expected));
}

test('ps prints a tree for each drone, by name, including those that run nothing', async () => {
  assertGave(await on.cli('ps'), 0, 'drone#db\ndrone#web1\ndrone#web2\n');
  const empty = { processes: {} };
  assertGave(
    await on.cli('ps', '--json'),
    0,
    `${JSON.stringify({ db: empty, web1: empty, web2: empty }, null, 2)}\n`,
  );
  const first = headOf(on.app);
  const odd = await on.fleet.spawn(on.app, 'web1', 'sh', '-c', 'echo "a  b"; exec sleep 300');
  const second = commit(on.app, { 'a.txt': 'b' });
  await on.cli('deploy');
  const plain = await sleep('web1');
  assertGave(
    await on.cli('ps'),
    0,
    `drone#db
drone#web1
├─┬ pid#${odd}
│ ├── status:   running
│ ├── commit:   webapp/${first}
│ └── command:  sh -c 'echo "a  b"; exec sleep 300'
└─┬ pid#${plain}
  ├── status:   running
  ├── commit:   webapp/${second}
  └── command:  sleep 300
drone#web2
`,
  );
  const json = await on.cli('ps', '--json');
  const { db, web1, web2 } = JSON.parse(json.stdout);
  assert.deepEqual([db, web2], [empty, empty]);
  assert.deepEqual(Object.keys(web1), [odd, plain, 'processes']);
  assert.deepEqual(web1[odd], { ...web1.processes[odd], lost: null });
  const { status, repo, commit: shown, command } = web1[odd];
  const words = ['sh', '-c', 'echo "a  b"; exec sleep 300'];
  assert.deepEqual(
    { status, repo, commit: shown, command },
    { status: 'running', repo: 'webapp', commit: first, command: words },
  );
  assertGave(await on.cli('stop', odd, plain), 0, `[web1] stopped ${odd} ${plain}\n`);
});

test('the status shows when a process is respawning, and what happened to it', async () => {
  const id = await on.fleet.spawn(on.app, 'web1', 'sh', '-c', 'exit 3');
  const status = await eventually(async () => {
    const { status } = (await on.fleet.ps())['web1']?.[id] ?? {};
    return status === 'respawning' ? (await on.cli('ps')).stdout : null;
  }, 'it waits for its next start');
  assert.match(
    status,
    /status: {3}(respawning in \d+s|running|respawning) \((\d restarts?, )?last exit 3\)\n/,
  );
  await on.cli('stop', id);
});

test('stop asks the drones that have the processes, in whatever form the ids are written', async () => {
  const [a, b, c, d] = [await sleep('web1'), await sleep('web2'), await sleep('db'), await sleep('db')];
  const stopped = await on.cli('stop', `pid#${a}`, `web2#${b}`, d, c);
  assertGave(stopped, 0, `[db] stopped ${d} ${c}\n[web1] stopped ${a}\n[web2] stopped ${b}\n`);
  await psPrints('drone#db\ndrone#web1\ndrone#web2\n');
  for (const drone of ['web1', 'web2', 'db']) assert.deepEqual(processesOf(join(on.fleet.dir, drone)), []);
});

test('an unknown id is an error line and exit 1, and the others are stopped', async () => {
  const a = await sleep('web1');
  const said = (id: string) => `fleet: no process ${id}; fleet ps lists what runs\n`;
  const some = await on.cli('stop', 'ffffff', a, 'pid#eeeeee', `web2#${a}`, 'nope#dddddd');
  const lines = ['ffffff', 'eeeeee', `web2#${a}`, 'nope#dddddd'].map(said).join('');
  assertGave(some, 1, `[web1] stopped ${a}\n`, lines);
  assertGave(await on.cli('stop', a), 1, '', said(a));
  for (const word of ['nope', '123', 'ABCDEF', 'pid#']) {
    const expected = `fleet: '${word}' is not a process; write an id like web1#1e99f4; fleet ps lists what runs`;
    assertFailed(await on.cli('stop', word), 1, expected);
  }
  assertFailed(
    await on.cli('stop'),
    2,
    'fleet: say which processes: fleet stop ID...; fleet ps lists their ids',
  );
});

test('stop ends everything that a process started, even what ignores SIGTERM', async () => {
  const stubborn =
    'trap "" TERM; setsid sh -c \'trap "" TERM; sleep 300 & wait\' & while :; do sleep 0.1; done';
  const id = await on.fleet.spawn(on.app, 'web1', 'sh', '-c', stubborn);
  await eventually(() => processesOf(join(on.fleet.dir, 'web1')).length >= 4, 'all of it runs');
  const result = await on.cli('stop', '--grace=300ms', id);
  assertGave(result, 0, `[web1] killed ${id} (did not end within 300ms)\n`);
  assert.deepEqual(processesOf(join(on.fleet.dir, 'web1')), []);
});

test('a lost drone is marked, and its processes cannot be stopped', async () => {
  const id = await sleep('web2');
  await on.drones['web2']?.end('SIGKILL');
  const ps = await eventually(async () => {
    const { stdout } = await on.cli('ps');
    return stdout.includes('lost') ? stdout : null;
  }, 'the hub notices');
  assert.match(
    ps,
    /^drone#db\ndrone#web1\ndrone#web2 \(lost \d+s ago\)\n└─┬ pid#[0-9a-f]{6}\n {2}├── status: {3}running\n/,
  );
  const stop = await on.cli('stop', id);
  assert.match(
    stop.stderr,
    new RegExp(
      `^\\[web2#${id}\\] the drone web2 is not connected \\(lost \\d+s ago\\); fleet drones lists them\\n$`,
    ),
  );
  assert.deepEqual([stop.code, stop.stdout], [1, '']);
  assertFailed(
    await on.cli('exec', '--drone=web2', 'true'),
    1,
    /^fleet: the drone web2 is not connected \(lost \d+s ago\)$/,
  );
  on.drones['web2'] = await on.fleet.drone('web2');
  assertGave(await on.cli('stop', id), 0, `[web2] stopped ${id}\n`);
});

test('a name in use gets -1, and a drone keeps its name over reconnects and restarts', async () => {
  const start = async (dir: string) => {
    const running = on.fleet.startDrone(dir, '--name=web1');
    await running.printed(/^connected to the hub$/m);
    return running;
  };
  let second = await start('second');
  const third = await start('third');
  await psPrints('drone#db\ndrone#web1\ndrone#web1-1\ndrone#web1-2\ndrone#web2\n');
  await on.drones['web1']?.end('SIGTERM');
  await second.end('SIGKILL');
  second = await start('second');
  const names = async () =>
    Object.entries(await on.fleet.ps()).flatMap(([name, { lost }]) => (lost === undefined ? [name] : []));
  assert.deepEqual(await names(), ['db', 'web1-1', 'web1-2', 'web2']);
  const asked = await on.cli('exec', '--drone=web1-1', '--', 'sh', '-c', 'echo $DRONE_ID; pwd');
  assert.match(asked.stdout, /\] web1-1\n.*\/second\/deploy\/webapp\./);
  await on.hub.end('SIGKILL');
  on.hub = await on.fleet.hub();
  await eventually(async () => (await names()).join() === 'db,web1-1,web1-2,web2', 'all are back');
  on.drones['web1'] = await on.fleet.drone('web1');
  assert.deepEqual(await names(), ['db', 'web1', 'web1-1', 'web1-2', 'web2']);
  for (const drone of [second, third]) await drone.end('SIGTERM');
});

test('without drones there is nothing to show, and a note says how to get one', async () => {
  const { withFleet } = await import('../fixtures/real-fleet.ts');
  await withFleet([], async (fleet) => {
    await fleet.hub();
    const flags = [`--hub=${fleet.address}`, '--secret=beepboop'];
    const hint = 'no drones are connected; start one with: fleet drone --hub=HOST:PORT';
    assertGave(await fleet.run(['ps', ...flags]), 0, '', `${hint}\n`);
    assertGave(await fleet.run(['ps', '--json', ...flags]), 0, '{}\n', `${hint}\n`);
    const release = ['--repo=webapp', `--commit=${'a'.repeat(40)}`];
    assertFailed(await fleet.run(['exec', ...flags, ...release, '--', 'true']), 1, `fleet: ${hint}`);
    const all = await fleet.run(['spawn', ...flags, ...release, '--drone=*', '--', 'true']);
    assertFailed(all, 1, "fleet: no drone matches '*': no drones are connected; start one with: fleet drone");
  })();
});
