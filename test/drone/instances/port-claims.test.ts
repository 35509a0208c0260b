import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { claimPort, releasePort } from '../../../src/drone/instances/port-claims.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

test('drones with temporary folders of their own share their claims', {
  skip: !existsSync('/dev/shm'),
}, (t) => {
  const port = 6000 + randomInt(1000);
  const { TMPDIR } = process.env;
  t.after(() => {
    releasePort(port);
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  process.env['TMPDIR'] = temporaryFolder(t);
  assert.ok(claimPort(port));
  process.env['TMPDIR'] = temporaryFolder(t);
  assert.equal(claimPort(port), false);
});

test('a claim ends when it is released, or after a minute', (t) => {
  const folder = temporaryFolder(t);
  const now = Date.now();
  assert.ok(claimPort(8080, folder, now));
  const claimed = (seconds: number) =>
    utimesSync(join(folder, 'fleet-port-8080'), now / 1000, now / 1000 - seconds);
  claimed(59);
  assert.equal(claimPort(8080, folder, now), false);
  assert.ok(claimPort(8081, folder, now), 'another port');
  claimed(61);
  assert.ok(claimPort(8080, folder, now), 'its owner has forgotten it');
  assert.equal(claimPort(8080, folder, now), false, 'of two that take over, one gets it');
  assert.deepEqual(readdirSync(folder), ['fleet-port-8080', 'fleet-port-8081']);
  assert.ok(claimPort(8082, folder, now));
  releasePort(8082, folder);
  assert.ok(!existsSync(join(folder, 'fleet-port-8082')));
  releasePort(8082, folder);
  assert.ok(claimPort(8083, join(folder, 'missing')), 'where claims cannot be written, everybody gets it');
});

test('nobody claims a port for ever, by a time far ahead or by a link to what is always new', (t) => {
  const dir = temporaryFolder(t);
  const now = Date.now();
  const ahead = join(dir, 'fleet-port-1');
  writeFileSync(ahead, '');
  utimesSync(ahead, new Date(now + 1e10), new Date(now + 1e10));
  assert.ok(claimPort(1, dir, now));
  const fresh = join(dir, 'fresh');
  writeFileSync(fresh, '');
  symlinkSync(fresh, join(dir, 'fleet-port-2'));
  const later = now + 120_000;
  utimesSync(fresh, new Date(later), new Date(later));
  assert.ok(claimPort(2, dir, later));
});
