import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTime } from '../../src/system/procfs.ts';
import { commit, eventually, processesOf } from '../fixtures/local-fleet.ts';
import { withFleet } from '../fixtures/real-fleet.ts';

const APP = {
  'count.js': `let n = 0; setInterval(() => console.log('line ' + n++), 5);`,
  'sleep.sh': 'exec sleep 300',
};

/** The numbers of `line N`, in the order in which they were printed. */
const numbersIn = (text: string) => [...text.matchAll(/\] line (\d+)$/gm)].map((match) => Number(match[1]));

function assertEachOnce(numbers: number[]): void {
  const wrong = numbers.findIndex((n, i) => n !== (numbers[0] ?? 0) + i);
  assert.equal(wrong, -1, `after ${numbers[wrong - 1]} comes ${numbers[wrong]}`);
}

test(
  'kill -9 of the hub: processes go on, drones come back, monitors and logs -f continue by themselves',
  withFleet(['hub'], async (fleet) => {
    let hub = await fleet.hub();
    const drones = [await fleet.drone('web1'), await fleet.drone('web2')];
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'node', 'count.js');
    await fleet.spawn(app, 'web2', 'sh', 'sleep.sh');
    const before = await fleet.ps();
    const monitor = fleet.start(['monitor'], { cwd: app });
    const logs = fleet.start(['logs', '-f', '-n', '100000'], { cwd: app });
    await Promise.all([monitor.printed(/line \d/), logs.printed(/line \d/)]);
    for (let round = 0; round < 2; round++) {
      await hub.end('SIGKILL');
      assert.notEqual(startTime(before['web1']?.[id]?.pid ?? 0), null);
      await Promise.all(drones.map((drone) => drone.printed(/reconnecting to the hub/)));
      const marks = [monitor.stdout.length, logs.stdout.length];
      hub = await fleet.hub();
      await eventually(async () => {
        const after = await fleet.ps();
        return (
          after['web1']?.[id]?.pid === before['web1']?.[id]?.pid &&
          Object.keys(after['web2'] ?? {}).length === 1
        );
      }, 'ps is right again');
      await Promise.all([monitor.printed(/line \d/, marks[0]), logs.printed(/line \d/, marks[1])]);
    }
    const [last = 0] = numbersIn(logs.stdout).slice(-1);
    await logs.printed(new RegExp(`line ${last + 50}$`, 'm'));
    const numbers = numbersIn(logs.stdout);
    assert.equal(numbers[0], 0);
    assertEachOnce(numbers);
  }),
);

test(
  'logs -f shows every line once, through restarts of process, drone and hub',
  withFleet(['hub', 'web1'], async (fleet) => {
    let hub = await fleet.hub();
    let drone = await fleet.drone('web1');
    const app = await fleet.app('webapp', {
      // Goes on counting where its predecessor stopped.
      'count.js': `
        const fs = require('fs');
        let n = fs.existsSync('n') ? Number(fs.readFileSync('n')) : 0;
        process.on('SIGTERM', () => process.exit()); // Between two lines, not within one.
        setInterval(() => { fs.writeFileSync('n', String(n + 1)); fs.writeSync(1, 'line ' + n++ + '\\n'); }, 2);
      `,
    });
    await fleet.run(['deploy'], { cwd: app });
    const logs = fleet.start(['logs', '-f', '-n', '1000000', '--repo=webapp'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'node', 'count.js');
    await logs.printed(/line \d/);
    const goesOn = async () => logs.printed(/line \d/, logs.stdout.length);
    await hub.end('SIGKILL');
    hub = await fleet.hub();
    await goesOn();
    await drone.end('SIGKILL');
    drone = await fleet.drone('web1');
    await goesOn();
    await fleet.run(['restart', id], { cwd: app });
    await goesOn();
    await hub.end('SIGKILL');
    await drone.end('SIGKILL');
    drone = fleet.startDrone('web1');
    hub = await fleet.hub();
    await drone.printed(/connected to the hub/);
    await goesOn();
    await fleet.run(['stop', id], { cwd: app });
    const { stdout } = await fleet.run(['logs', id, '-n', '1000000'], { cwd: app });
    const all = numbersIn(stdout);
    assertEachOnce(all);
    await logs.printed(new RegExp(`line ${all.at(-1)}$`, 'm'));
    assert.deepEqual(numbersIn(logs.stdout), all);
  }),
);

test(
  'what was deployed while a drone was away is there when it returns, even if the hub was killed',
  withFleet(['hub', 'web1'], async (fleet) => {
    let hub = await fleet.hub();
    const away = await fleet.drone('web1');
    await fleet.drone('web2');
    const app = await fleet.app('webapp', APP);
    const first = (await fleet.run(['deploy'], { cwd: app })).stdout;
    await away.end('SIGKILL');
    commit(app, { a: '1' });
    const second = (await fleet.run(['deploy'], { cwd: app })).stdout;
    commit(app, { a: '2' });
    const third = (await fleet.run(['deploy'], { cwd: app })).stdout;
    assert.equal(new Set([first, second, third]).size, 3);
    await hub.end('SIGKILL');
    hub = await fleet.hub();
    const back = await fleet.drone('web1');
    for (const line of [second, third]) await back.printed(new RegExp(`\\(${line.trim()}\\)`));
  }),
);

test(
  'a hub that is killed during spawns: what a client was told is true, and nothing runs twice',
  withFleet(['hub'], async (fleet) => {
    let hub = await fleet.hub();
    await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const spawns = Array.from({ length: 8 }, () =>
      fleet.run(['spawn', '--drone=web1', '--', 'sh', 'sleep.sh'], { cwd: app }),
    );
    await Promise.race(spawns);
    await hub.end('SIGKILL');
    hub = await fleet.hub();
    const told = (await Promise.all(spawns)).flatMap(
      ({ stdout }) => /#([0-9a-f]{6})\)/.exec(stdout)?.[1] ?? [],
    );
    const ps = await eventually(async () => (await fleet.ps())['web1'], 'the drone is back');
    for (const id of told) assert.equal(ps[id]?.status, 'running');
    assert.equal(new Set(told).size, told.length);
    const ids = processesOf(join(fleet.dir, 'web1')).map(({ id }) => id);
    assert.deepEqual(ids.sort(), Object.keys(ps).sort());
    assert.ok(ids.length <= 8);
  }),
);

test(
  'a hub that is killed during a deploy: the client reports it or succeeds, and the next deploy works',
  withFleet(['hub'], async (fleet) => {
    let hub = await fleet.hub();
    await fleet.drone('web1');
    const files = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`file${n}`, `${n}\n`.repeat(200)]),
    );
    const app = await fleet.app('webapp', files);
    const deploy = fleet.start(['deploy', '--timeout=5'], { cwd: app });
    await eventually(() => existsSync(join(fleet.dir, 'hub/repos/webapp.git')), 'it has begun');
    await hub.end('SIGKILL');
    hub = await fleet.hub();
    const { code, stdout, stderr } = await deploy.ended;
    if (code === 0) assert.match(stdout, /^deployed webapp\//);
    else assert.match(stderr, /^fleet: .+$/m);
    const again = await fleet.run(['deploy'], { cwd: app });
    assert.equal(again.code, 0, again.stderr);
  }),
);
