import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import { stage } from '../fixtures/stage.ts';

const on = stage(['web1', 'web2'], {
  'server.js': `require('http').createServer((_, response) => response.end()).listen(process.env.PORT);`,
  'fleet.toml': '[services.web]\ncommand = "node server.js"\ncount = 2\nreschedule = "300ms"\n',
});

/** Where the instances of web are, as `1 web1#ID ready`. */
async function places(): Promise<string[]> {
  const { stdout } = await on.cli('status', '--json');
  const { services } = JSON.parse(stdout) as {
    services: { web: { instances: { slot: number; drone: string; id: string; state: string }[] } };
  };
  return services.web.instances.map(({ slot, drone, id, state }) => `${slot} ${drone}#${id} ${state}`);
}

test('instances of a drone that is lost for long start elsewhere, and the surplus ends when it is back', async () => {
  const up = await on.cli('up');
  assert.equal(up.code, 0, up.stderr);
  const before = await places();
  assert.match(before.join(), /^1 web1#\w+ ready,2 web2#\w+ ready$/);
  // What it runs goes on without it.
  await on.drones['web2']?.end('SIGTERM');
  const during = await eventually(async () => {
    const now = await places();
    return /^1 web1#\w+ ready,2 web1#\w+ ready$/.test(now.join()) ? now : null;
  }, 'the second starts on the first drone');
  assert.equal(during[0], before[0]);
  await on.fleet.drone('web2');
  await eventually(async () => (await places()).join() === before.join(), 'all is as it was before');
  assert.equal((await on.cli('status')).code, 0);
});
