import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import { withFleet } from '../fixtures/real-fleet.ts';

test(
  'logs shows all processes, those of a repository or a drone, or the named ones',
  withFleet([], async (fleet) => {
    await fleet.hub();
    await fleet.drone('web1');
    await fleet.drone('web2');
    const app = await fleet.app('webapp', { 'say.sh': 'echo "here is $DRONE_ID"; exec sleep 300' });
    const cli = (...args: string[]) => fleet.run(args, { cwd: app });
    await cli('deploy');
    const one = await fleet.spawn(app, 'web1', 'sh', 'say.sh');
    const two = await fleet.spawn(app, 'web2', 'sh', 'say.sh');
    const lines = [`[web1#${one}] here is web1`, `[web2#${two}] here is web2`];
    const shown = async (...args: string[]) => (await cli('logs', ...args)).stdout.trim().split('\n').sort();
    await eventually(async () => (await shown(one, two)).length === 2, 'both have printed');
    const cases: [string[], string[]][] = [
      [[], lines],
      [['--repo=webapp'], lines],
      [['--drone=*'], lines],
      [['--drone=web2'], lines.slice(1)],
      [['--repo=webapp', '--drone=web1'], lines.slice(0, 1)],
      [[two], lines.slice(1)],
      [[`web1#${one}`, `pid#${two}`], lines],
    ];
    for (const [args, expected] of cases) assert.deepEqual(await shown(...args), expected, args.join(' '));
    assert.match((await cli('logs', '--repo=other')).stderr, /^fleet: no log matches/);
  }),
);

test(
  'logs marks how a process ended and that it was restarted, apart from its lines',
  withFleet(['hub', 'web1'], async (fleet) => {
    await fleet.hub();
    await fleet.drone('web1');
    const script = 'echo one; [ -e again ] && exec sleep 300; touch again; exit 7';
    const app = await fleet.app('webapp', { 'fail.sh': script });
    const cli = (...args: string[]) => fleet.run(args, { cwd: app });
    await cli('deploy');
    const id = await fleet.spawn(app, 'web1', 'sh', 'fail.sh');
    const on = `web1#${id}`;
    const following = fleet.start(['logs', '-f', id], { cwd: app });
    const expected = [`[${on}] one`, `(${on} exited 7)`, `(${on} restarted)`, `[${on}] one`];
    const shown = async (...args: string[]) =>
      (await cli('logs', id, ...args)).stdout.trim().split('\n').filter(Boolean);
    await eventually(async () => (await shown()).length === 4, 'it was restarted');
    assert.deepEqual(await shown(), expected);
    assert.deepEqual(await shown('--lines=1'), expected.slice(3));
    assert.deepEqual(await shown('--lines=2'), expected);
    assert.deepEqual(await shown('--lines=0'), []);
    assert.deepEqual(await shown('--grep=e'), [expected[0], expected[3]]);
    const entries = (await shown('--json')).map((line) => JSON.parse(line));
    assert.deepEqual(
      entries.map(({ line, event, code }) => line ?? [event, code]),
      ['one', ['exited', 7], ['restarted', undefined], 'one'],
    );
    await following.printed(/restarted\)\n.*one\n/);
    await cli('restart', id);
    await following.printed(/exited SIGTERM\)\n.*restarted\)\n.*one\n/);
    assert.deepEqual(following.stdout.trim().split('\n'), [
      ...expected,
      `(${on} exited SIGTERM)`,
      ...expected.slice(2),
    ]);
  }),
);

test(
  'an unfinished line is seen in exec, monitor and logs -f before its end, and only once after it',
  withFleet(['hub', 'web1'], async (fleet) => {
    await fleet.hub();
    await fleet.drone('web1');
    const ask = (file: string) =>
      `printf 'Password for db: '; until [ -e ${file} ]; do sleep 0.05; done; echo ok; exec sleep 300`;
    const app = await fleet.app('webapp', { 'ask.sh': ask('../../go') });
    await fleet.run(['deploy'], { cwd: app });
    const monitor = fleet.start(['monitor'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', 'ask.sh');
    const on = `[web1#${id}]`;
    const watching = [
      monitor,
      fleet.start(['logs', '-f', id], { cwd: app }),
      fleet.start(['exec', '--drone=web1', '--', 'sh', 'ask.sh'], { cwd: app }),
    ];
    for (const one of watching) await one.printed(/] Password for db: /);
    await fleet.run(['exec', '--drone=web1', '--', 'touch', '../../go'], { cwd: app });
    const [, logs, exec] = watching;
    for (const one of watching) await one.printed(/ok\n/);
    await eventually(async () => monitor.stdout.includes('db: ok\n'), 'monitor');
    assert.equal(logs?.stdout, `${on} Password for db: ok\n`);
    assert.match(exec?.stdout ?? '', /^\[web1#\w+] Password for db: ok\n$/);
    assert.equal(monitor.stdout.split('Password').length, 2);
    const whole = await fleet.run(['logs', id], { cwd: app });
    assert.equal(whole.stdout, `${on} Password for db: ok\n`);
  }),
);

test(
  'a line of a megabyte is one line everywhere, and --grep finds what is at its end',
  withFleet(['hub', 'web1'], async (fleet) => {
    await fleet.hub();
    const drone = await fleet.drone('web1');
    const print = `process.stdout.write("x".repeat(1_000_000) + " needle\\n")`;
    const app = await fleet.app('webapp', {
      'once.js': print,
      'stay.js': `${print}; setInterval(() => {}, 1000);`,
    });
    const cli = (...args: string[]) => fleet.run(args, { cwd: app });
    await cli('deploy');
    const monitor = fleet.start(['monitor'], { cwd: app });
    await fleet.spawn(app, 'web1', 'sh', '-c', 'while :; do echo needle; sleep 0.1; done');
    const found = fleet.start(['logs', '-f', '-n', '0', '--grep=needle'], { cwd: app });
    const json = fleet.start(['logs', '-f', '-n', '0', '--json'], { cwd: app });
    for (const one of [monitor, found, json]) await one.printed(/needle/);
    const id = await fleet.spawn(app, 'web1', 'node', 'stay.js');
    const line = `${'x'.repeat(1_000_000)} needle\n`;
    const shown = `[web1#${id}] ${line}`;
    for (const one of [monitor, found, json, drone]) await one.printed(/x needle/);
    assert.ok(found.stdout.includes(shown), 'logs -f --grep');
    assert.ok(monitor.stdout.includes(shown), 'monitor');
    assert.ok(json.stdout.includes(JSON.stringify(line.trimEnd())), 'logs -f --json');
    assert.match(drone.stdout, /^\[[0-9a-f]{6}#webapp\.[0-9a-f]{40}] x{1000000} needle$/m);
    assert.equal((await cli('logs', id)).stdout, shown);
    assert.equal((await cli('logs', id, '--grep=needle')).stdout, shown);
    const exec = await cli('exec', '--', 'node', 'once.js');
    assert.match(exec.stdout, /^\[web1#[0-9a-f]{6}] x{1000000} needle\n\(web1#[0-9a-f]{6} exited\)\n$/);
  }),
);
