import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ClusterFleet } from '../fixtures/cluster-fleet.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';
import { SECRET } from '../fixtures/real-fleet.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

test('who follows a release hears of its end from a hub that was away when it ended', { skip }, async (t) => {
  const on = await ClusterFleet.open();
  t.after(() => on.end());
  for (const name of ['h1', 'h2']) await on.clusterHub(name);
  const leads = await eventually(
    async () => (await on.listed('h1')).find((hub) => hub.leads)?.name ?? null,
    'a hub leads',
  );
  const other = leads === 'h1' ? 'h2' : 'h1';
  await on.clusterDrone('web1').printed(/^connected to the hub$/m);
  on.use(leads);
  const app = await on.app('webapp', {
    'wait.sh': 'until [ -e "$SHARED/go" ]; do sleep 0.1; done',
    'fleet.toml': '[deploy]\nrelease = "sh wait.sh"\n[services.worker]\ncommand = "sleep 1000"\n',
  });
  const at = (hub: string) => [`--hub=127.0.0.1:${on.hubs.get(hub)?.port}`, `--secret=${SECRET}`];
  const up = on.start(['up', ...at(other)], { cwd: app });
  const releases = async () => (await on.run(['releases', ...at(leads)], { cwd: app })).stdout;
  await eventually(async () => /^v1 +releasing/m.test(await releases()), 'its command runs');
  await on.hubs.get(other)?.running.end('SIGKILL');
  mkdirSync(`${on.dir}/web1/shared/webapp`, { recursive: true });
  writeFileSync(`${on.dir}/web1/shared/webapp/go`, '');
  await eventually(async () => /^v1 +live/m.test(await releases()), 'it is live', 60_000);
  await on.clusterHub(other);
  const { code, stdout, stderr } = await up.ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^v1 live {2}worker 1\/1/m);
});
