import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import { SECRET, withFleet } from '../fixtures/real-fleet.ts';

test(
  'a peer that stops answering without closing is noticed within 25 seconds, by either end',
  withFleet(['dead'], (fleet) =>
    withFleet(['hub'], async (other) => {
      const hub = await fleet.hub();
      const dead = await fleet.drone('dead');
      const app = await fleet.app('webapp', { 'sleep.sh': 'exec sleep 300' });
      await fleet.run(['deploy'], { cwd: app });
      const id = await fleet.spawn(app, 'dead', 'sh', 'sleep.sh');
      const deadHub = await other.hub();
      const live = await other.drone('live');
      dead.kill('SIGSTOP');
      deadHub.kill('SIGSTOP');
      const ps = await other.run(['ps', `--hub=${other.address}`, `--secret=${SECRET}`, '--timeout=2']);
      assert.equal(ps.code, 1);
      assert.match(ps.stderr, /^fleet: no answer from the hub .* within 2 s/);
      await Promise.all([
        hub.printed(/lost drone dead: no sign of life/, 0, 40_000),
        live.printed(/disconnected from the hub/, 0, 40_000),
      ]);
      const { stdout } = await fleet.run(['ps'], { cwd: app });
      assert.match(stdout, /^drone#dead \(lost \d+s ago\)\n└─┬ pid#/m);
      const json = JSON.parse((await fleet.run(['ps', '--json'], { cwd: app })).stdout);
      assert.equal(typeof json.dead[id].lost, 'number');
      const mark = live.stdout.length;
      dead.kill('SIGCONT');
      deadHub.kill('SIGCONT');
      await live.printed(/connected to the hub/, mark, 60_000);
      await eventually(async () => {
        const after = await fleet.run(['ps'], { cwd: app });
        return !after.stdout.includes('lost') && after.stdout.includes(`pid#${id}`);
      }, 'it is back');
    })(),
  ),
);
