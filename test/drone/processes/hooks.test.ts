import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Starts } from '../../../src/drone/processes/hooks/starts.ts';
import { type HookParts, processHooks } from '../../../src/drone/processes/hooks.ts';

test('the start of an instance is noted after everything that may refuse it, and its log is opened last', () => {
  const starts = new Starts('bead');
  const parts = {
    starts,
    logs: {},
    shared: () => '',
    checkout: async () => '',
    name: () => '',
    mark: 'bead',
  };
  const hooks = processHooks(parts as unknown as HookParts);
  assert.equal(hooks.length, 6);
  assert.equal(hooks.indexOf(starts.hook), 4);
  assert.ok(hooks[5]?.afterStart, 'only what opens a log has something to close');
});
