import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commit, eventually, LocalFleet } from '../fixtures/local-fleet.ts';

const SERVER = `
const http = require('http');
http.createServer((_, res) => res.end('v1 ' + process.env.COMMIT)).listen(0, '127.0.0.1', function () {
  console.log('port ' + this.address().port);
});
`;

test('deploy, spawn, ps, an HTTP request, a second release beside the first, stop', async () => {
  const fleet = new LocalFleet();
  try {
    await fleet.startHub();
    await fleet.startDrone('web1');
    await fleet.startDrone('web2');
    const client = await fleet.connect();
    const dir = fleet.app('webapp', { 'server.js': SERVER });
    const first = await client.deploy({ dir });
    assert.deepEqual(first.drones, { web1: null, web2: null });
    const { drones } = await client.spawn({ dir, drones: ['*'], command: ['node', 'server.js'] });
    assert.deepEqual(Object.keys(drones), ['web1', 'web2']);
    const id = drones['web1']?.id ?? '';
    const ps = await client.ps();
    assert.equal(ps['web1']?.processes[id]?.status, 'running');
    const port = await eventually(async () => {
      for await (const item of client.logs({ ids: [id] }))
        if (item.kind === 'line') return item.line.split(' ')[1];
      return undefined;
    }, 'the server prints its port');
    const answer = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    assert.equal(answer, `v1 ${first.commit}`);
    commit(dir, { 'server.js': SERVER.replace('v1', 'v2') });
    const second = await client.deploy({ dir });
    assert.notEqual(second.commit, first.commit);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), answer);
    const report = await client.stop([id, `web2#${drones['web2']?.id}`]);
    assert.deepEqual(report.drones['web1']?.stopped, [id]);
    assert.deepEqual(report.unknown, []);
    await eventually(
      async () =>
        Object.values(await client.ps()).every(({ processes }) => Object.keys(processes).length === 0),
      'all stopped',
    );
  } finally {
    await fleet.end();
  }
});
