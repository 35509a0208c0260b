import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFleet } from '../fixtures/real-fleet.ts';

const APP = { 'sleep.sh': 'exec sleep 300' };

test(
  'after a restart of the hub, all means all: drones that are not back are waited for and named, and the command fails',
  withFleet(['hub', 'web1', 'web2'], async (fleet) => {
    let hub = await fleet.hub();
    await fleet.drone('web1');
    const web2 = await fleet.drone('web2');
    const app = await fleet.app('webapp', APP);
    const cli = (...args: string[]) => fleet.run(args, { cwd: app });
    await cli('deploy');
    const ids = [
      await fleet.spawn(app, 'web1', 'sh', 'sleep.sh'),
      await fleet.spawn(app, 'web2', 'sh', 'sleep.sh'),
    ];
    web2.child.kill('SIGSTOP');
    await hub.end('SIGTERM');
    hub = await fleet.hub();
    // Asked at once, while no drone is back: it waits for them, and says who did not come.
    const stop = await cli('stop', '--all');
    assert.equal(stop.stdout, `[web1] stopped ${ids[0]}\n`);
    assert.match(
      stop.stderr,
      new RegExp(`^\\[web2#${ids[1]}\\] the drone web2 is not connected \\(lost \\d+s ago\\)`),
    );
    assert.equal(stop.code, 1);
    const { stdout: ps } = await cli('ps');
    assert.match(ps, /^drone#web1\ndrone#web2 \(not back since the hub started \d+s ago\)\n└─┬ pid#/);
    assert.match(ps, new RegExp(`pid#${ids[1]}`));
    const deploy = await cli('deploy');
    assert.match(
      deploy.stderr,
      /^\[web2\] not connected \(lost \d+s ago\): it catches up when it comes back\n$/,
    );
    assert.equal(deploy.code, 0);
    const exec = await cli('exec', '--drone=*', '--', 'true');
    assert.match(exec.stderr, /^\[web2\] not connected \(lost \d+s ago\): left out\n$/);
    assert.equal(exec.code, 0);
    const logs = await cli('logs');
    assert.match(logs.stderr, /^\[web2\] not connected \(lost \d+s ago\): its logs are not among these\n$/);
    web2.child.kill('SIGCONT');
    await web2.printed(/reconnecting to the hub/);
    await web2.printed(/connected to the hub\n[\s\S]*connected to the hub\n/);
    const rest = await cli('stop', '--all');
    assert.deepEqual([rest.code, rest.stdout, rest.stderr], [0, `[web2] stopped ${ids[1]}\n`, '']);
  }),
);

test(
  'a command that runs into a restart of the hub waits for it',
  withFleet(['hub'], async (fleet) => {
    const hub = await fleet.hub();
    await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await hub.end('SIGTERM');
    const asked = fleet.run(['ps', '--timeout=4m'], { cwd: app });
    await fleet.hub();
    const ps = await asked;
    assert.deepEqual([ps.code, ps.stdout, ps.stderr], [0, 'drone#web1\n', '']);
  }),
);
