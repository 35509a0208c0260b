import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';
import { ProcessIds } from '../../src/hub/process-ids.ts';

test('an id is of no process, of no exec, and of nobody else to whom it was given', () => {
  const asked = new Set<string>();
  const ids = new ProcessIds(
    { hasId: (id) => asked.size < 3 && !!asked.add(id) },
    { has: (id) => asked.size < 6 && !!asked.add(id) },
  );
  const id = ids.reserve();
  assert.match(id, /^[0-9a-f]{6}$/);
  assert.equal(asked.size, 6);
  assert.ok(!asked.has(id), 'the first that nobody has');
});

test('an id that was given to somebody is taken until it is released', (t) => {
  const ids = new ProcessIds({ hasId: () => false }, { has: () => false });
  const random = ['aaaaaa', 'aaaaaa', 'bbbbbb', 'aaaaaa'];
  t.mock.method(crypto, 'randomBytes', () => Buffer.from(random.shift() ?? '', 'hex'));
  assert.equal(ids.reserve(), 'aaaaaa');
  assert.equal(ids.reserve(), 'bbbbbb');
  ids.release('aaaaaa');
  assert.equal(ids.reserve(), 'aaaaaa');
});
