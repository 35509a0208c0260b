import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import { stage } from '../fixtures/stage.ts';

const on = stage(['web1'], {
  'server.js': `
    let status = 200;
    require('http').createServer((request, response) => {
      if (request.url === '/break') status = 500;
      response.writeHead(status).end();
    }).listen(process.env.PORT);
  `,
  'fleet.toml': `[services.web]
command = "node server.js"
count = 2
health = { path = "/up", interval = "100ms", restart-after = "500ms" }
`,
});

interface Seen {
  id: string;
  port: number;
  state: string;
  restarts: number;
}

async function instances(): Promise<Seen[]> {
  const { stdout } = await on.cli('status', '--json');
  const { services } = JSON.parse(stdout) as { services: { web: { instances: Seen[] } } };
  return services.web.instances;
}

const breakDown = (port: number) =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/break', agent: false }, (response) => {
      response.resume().once('end', resolve);
    }).once('error', reject);
  });

test('instances that fail for long are restarted in place by the hub, long before their drone would do it alone', async () => {
  const up = await on.cli('up');
  assert.equal(up.code, 0, up.stderr);
  const before = await instances();
  for (const { port } of before) await breakDown(port);
  const after = await eventually(async () => {
    const seen = await instances();
    return seen.every(({ restarts, state }) => restarts > 0 && state === 'ready') ? seen : null;
  }, 'both are ready again');
  const placeOf = ({ id, port }: Seen) => [id, port];
  assert.deepEqual(after.map(placeOf), before.map(placeOf));
});
