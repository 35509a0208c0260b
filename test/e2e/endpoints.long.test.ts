import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../src/index.ts';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { SECRET } from '../fixtures/real-fleet.ts';
import { stage } from '../fixtures/stage.ts';

const SERVER = `require('http').createServer((_, response) => response.end('hello')).listen(process.env.PORT);`;
const on = stage(['web1', 'web2'], {
  'server.js': SERVER,
  Procfile: 'web: node server.js\nworker: sleep 1000\n',
  'fleet.toml':
    '[services.web]\ncount = 2\nhost = ["Example.com", "{app}.example.org/api"]\n[services.worker]\nhealth = { stable = "10ms" }\n',
});

test('endpoints lists the instances that are ready, with their addresses and hosts', async () => {
  const none = await on.cli('endpoints');
  assert.deepEqual([none.code, none.stdout], [0, '']);
  const up = await on.cli('up');
  assert.equal(up.code, 0, up.stderr);
  const { stdout } = await on.cli('endpoints', '--format=json');
  const endpoints = JSON.parse(stdout) as Record<string, unknown>[];
  assert.equal(endpoints.length, 2, 'the worker is not served');
  for (const [n, one] of endpoints.entries()) {
    const { app, service, slot, address, hosts, release, state } = one;
    assert.deepEqual(
      { app, service, slot, address, hosts, release, state },
      {
        ...{ app: 'webapp', service: 'web', slot: n + 1, address: '127.0.0.1', release: 1, state: 'ready' },
        hosts: ['example.com', 'webapp.example.org/api'],
      },
    );
  }
  const text = await on.cli('endpoints', 'web');
  assert.match(
    text.stdout,
    /^webapp {2}web\.1 {2}web1#[0-9a-f]{6} {2}127\.0\.0\.1:\d+ {2}v1 {2}ready {2}example\.com webapp\.example\.org\/api$/m,
  );
  assert.equal((await on.cli('endpoints', 'worker')).stdout, '');
});

test('whoever follows is told that an instance leaves before it is stopped, and a release waits for it', async () => {
  const client = await connect({ hub: on.fleet.address, secret: SECRET });
  const over = new AbortController();
  const seen: string[][] = [];
  let confirm = () => {};
  const confirmed = new Promise<void>((resolve) => {
    confirm = resolve;
  });
  const followed = client.followEndpoints({
    drains: true,
    signal: over.signal,
    changed(apps, { drained }) {
      const endpoints = apps['webapp']?.endpoints ?? [];
      seen.push(endpoints.map(({ release, slot, state }) => `web.${slot} v${release} ${state}`));
      const leaving = endpoints.filter(({ state }) => state === 'leaving');
      if (leaving.length > 0) void confirmed.then(() => leaving.map(({ id }) => drained(id)));
    },
  });
  try {
    await eventually(() => seen.length > 0, 'the first table');
    assert.deepEqual(seen[0], ['web.1 v1 ready', 'web.2 v1 ready']);
    commit(on.app, { 'better.txt': 'better' });
    const up = on.cli('up');
    await eventually(() => seen.at(-1)?.includes('web.1 v1 leaving'), 'the first one leaves');
    assert.ok(seen.at(-1)?.includes('web.1 v2 ready'), 'the new one is ready before');
    const { stdout } = await on.cli('status', '--json');
    assert.match(stdout, /"release": 1/, 'it is not stopped before it is drained');
    confirm();
    const { code, stderr } = await up;
    assert.equal(code, 0, stderr);
    await eventually(() => seen.at(-1)?.join() === 'web.1 v2 ready,web.2 v2 ready', 'only new ones');
  } finally {
    over.abort();
    await followed;
    client.close();
  }
});

test('a token that may bring requests sees where, and nothing else', async () => {
  const { stdout } = await on.cli('token', 'create', 'edge', '--can=proxy');
  const secret = stdout.trim();
  const client = await connect({ hub: on.fleet.address, secret });
  try {
    assert.equal((await client.endpoints()).length, 2);
    await assert.rejects(client.ps(), { code: 'EFORBIDDEN' });
  } finally {
    client.close();
  }
});
