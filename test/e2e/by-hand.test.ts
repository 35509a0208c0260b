import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stage } from '../fixtures/stage.ts';

const on = stage(['web1', 'web2'], {
  'stay.js': `console.log('up'); setInterval(() => {}, 1000);`,
  'die.js': `console.log('first'); console.error('Error: no database'); process.exitCode = 7;`,
});

test('spawn --stable says nothing more if the process stays, and fails with its last lines if it ends', async () => {
  const good = await on.cli('spawn', '--drone=web1', '--stable=200ms', '--', 'node', 'stay.js');
  assert.match(good.stdout, /^\(spawned web1#[0-9a-f]{6}\)\n$/);
  assert.deepEqual([good.code, good.stderr], [0, '']);
  const bad = await on.cli('spawn', '--drone=web1', '--stable=1m', '--', 'node', 'die.js');
  const [, id = ''] = /^\(spawned (web1#[0-9a-f]{6})\)\n$/.exec(bad.stdout) ?? [];
  const lines = [
    `[${id}] first`,
    `[${id}] Error: no database`,
    `(${id} exited 7)`,
    `fleet: ${id} exited 7 within 1m; it is started again until: fleet stop ${id}`,
  ];
  assert.deepEqual([bad.code, bad.stderr], [1, lines.map((line) => `${line}\n`).join('')]);
  assert.equal((await on.cli('stop', id)).code, 0);
});

test('spawn --stable on several drones waits for each, and tells of those that ended', async () => {
  const script = 'if [ "$DRONE_ID" = web2 ]; then exit 3; fi; exec sleep 300';
  const some = await on.cli('spawn', '--drone=*', '--stable=1s', '--', 'sh', '-c', script);
  const [, id = ''] = /^\(spawned (web2#[0-9a-f]{6})\)$/m.exec(some.stdout) ?? [];
  assert.equal(some.code, 1);
  assert.match(some.stderr, new RegExp(`^\\(${id} exited 3\\)\nfleet: ${id} exited 3 within 1s; [^\n]+\n$`));
});

test('--stable takes a time, which is not nothing', async () => {
  for (const [given, why] of [
    ['0', '--stable=0 is no time at all; write --stable=5s'],
    ['soon', '--stable=soon is not a length of time; write 10s, 2m, 1h or 30d'],
  ]) {
    const { code, stderr } = await on.cli('spawn', `--stable=${given}`, '--', 'true');
    assert.deepEqual([code, stderr], [2, `fleet: ${why}\n`]);
  }
});
