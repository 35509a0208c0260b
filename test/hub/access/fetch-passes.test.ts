import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchPasses } from '../../../src/hub/access/fetch-passes.ts';
import { sha256 } from '../../../src/hub/access/tokens.ts';
import { Clock } from '../../fixtures/clock.ts';
import { OWNER } from '../../fixtures/principal.ts';

const DRONE = { ...OWNER, name: 'key-1' };
const NEVER = new Promise(() => {});

test('a pass is of the drone that it was given to, wherever it is shown', () => {
  const passes = new FetchPasses();
  const pass = passes.issue(DRONE, NEVER);
  assert.deepEqual(passes.find(sha256(pass), '10.0.0.9'), { ...DRONE, address: '10.0.0.9' });
  assert.equal(passes.find(sha256(`${pass}x`), '10.0.0.9'), undefined);
});

test('a pass ends ten minutes after the connection', async (t) => {
  const clock = new Clock(t);
  const passes = new FetchPasses();
  const pass = sha256(passes.issue(DRONE, Promise.resolve()));
  await Promise.resolve();
  clock.pass(599_999);
  assert.ok(passes.find(pass, 'x'));
  clock.pass(1);
  assert.equal(passes.find(pass, 'x'), undefined);
});

test('of the passes of one drone, four are good', () => {
  const passes = new FetchPasses();
  const other = sha256(passes.issue({ ...DRONE, name: 'key-2' }, NEVER));
  const given = Array.from({ length: 5 }, () => sha256(passes.issue(DRONE, NEVER)));
  assert.deepEqual(
    [other, ...given].map((hash) => passes.find(hash, 'x') !== undefined),
    [true, false, true, true, true, true],
  );
});
