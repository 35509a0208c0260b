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
