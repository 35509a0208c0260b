import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import { SECRET, withFleet } from '../fixtures/real-fleet.ts';

/** Loaded into a daemon before anything else: its clock is off by the seconds in a file. */
const CLOCK = `
  const { readFileSync } = require('fs');
  const now = Date.now;
  Date.now = () => now() + 1000 * Number(readFileSync(process.env.CLOCK, 'utf8'));
`;

test(
  'a clock that is set back by an hour: lines stay in order, nothing restarts, ps and logs are correct',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    const [shim, clock, cwd] = ['shim.js', 'clock', 'web1'].map((name) => join(fleet.dir, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(shim, CLOCK);
    writeFileSync(clock, '0');
    mkdirSync(cwd);
    fleet.droneDirs.add(cwd);
    const env = { NODE_OPTIONS: `--require ${shim}`, CLOCK: clock };
    const start = async () => {
      const drone = fleet.start(['drone', `--hub=${fleet.address}`, `--secret=${SECRET}`, '--name=web1'], {
        cwd,
        env,
      });
      await drone.printed(/connected to the hub/);
      return drone;
    };
    const drone = await start();
    const app = await fleet.app('webapp', {
      'talk.sh': 'n=0; while :; do n=$((n+1)); echo line $n; sleep 0.02; done',
    });
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'env', '-u', 'NODE_OPTIONS', 'sh', 'talk.sh');
    await drone.printed(/line 10$/m);
    const pid = (await fleet.ps())['web1']?.[id]?.pid;
    writeFileSync(clock, '-3600');
    await drone.printed(/line 30$/m);
    await drone.end('SIGKILL');
    const again = await start();
    await again.printed(/line \d+0$/m);
    const status = (await fleet.ps())['web1']?.[id] as
      | { pid: number; restarts: number; uptime: number }
      | undefined;
    assert.equal(status?.pid, pid);
    assert.equal(status?.restarts, 0);
    assert.ok(status && status.uptime >= 0 && status.uptime < 60, `${status?.uptime} s`);
    const numbers = await eventually(async () => {
      const { stdout } = await fleet.run(['logs', id, '--since=10m', '-n', '100000'], { cwd: app });
      return [...stdout.matchAll(/line (\d+)$/gm)].map((match) => Number(match[1]));
    }, 'lines');
    assert.ok(numbers.length >= 30);
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => at + 1),
    );
  }),
);
