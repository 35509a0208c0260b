import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastStates } from '../../../src/hub/events/last-states.ts';
import type { HubEvent } from '../../../src/protocol/events.ts';

test('what was told last of releases and instances is known; to be scaled is no state of a release', () => {
  const states = new LastStates();
  const note = (event: object) => states.note(event as HubEvent);
  assert.deepEqual([states.ofRelease('webapp', 2), states.ofInstance('1e99f4')], [null, null]);
  for (const state of ['building', 'live', 'scaled'])
    note({ type: 'release', app: 'webapp', release: 2, state });
  note({ type: 'instance', app: 'webapp', id: '1e99f4', state: 'ready' });
  note({ type: 'spawned', id: '1e99f4' });
  assert.deepEqual([states.ofRelease('webapp', 2), states.ofInstance('1e99f4')], ['live', 'ready']);
  assert.equal(states.ofRelease('webapp@pr-1', 2), null);
});
