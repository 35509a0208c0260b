import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combine } from '../../src/client/subscription.ts';

const everything = { all: true, ids: [], repos: [] };
const ids = (...ids: string[]) => ({ all: false, ids, repos: [] });

test('what several listeners want is requested once, and each gets all of it', () => {
  const monitor = { events: true, output: everything, drones: ['web1'], since: null };
  const logs = { events: false, output: ids('1e99f4'), drones: null, since: null };
  assert.deepEqual(combine([monitor]), monitor);
  assert.deepEqual(combine([monitor, logs]), {
    events: true,
    output: everything,
    drones: null,
    since: null,
  });
  const others = { events: false, output: ids('1e99f4', 'd7048a'), drones: ['web1', 'web2'], since: null };
  assert.deepEqual(combine([monitor, others]).drones, ['web1', 'web2']);
  assert.deepEqual(combine([logs, others]).output, ids('1e99f4', 'd7048a'));
});

test('without listeners, nothing is requested', () => {
  assert.deepEqual(combine([]), { events: false, output: null, drones: [], since: null });
});

test('events continue from the oldest number that any listener saw last', () => {
  const seen = (since: number | null, events = true) => ({ events, output: null, drones: null, since });
  assert.equal(combine([seen(12), seen(7), seen(null)]).since, 7);
  assert.equal(combine([seen(12), seen(3, false)]).since, 12);
});

test('a hub is told where the only listener has begun, and nothing if others want more', () => {
  const place = (time: number) => ({ time, type: 'exited', drone: 'web1', id: null });
  const one = { events: true, output: null, drones: null, after: place(9), recent: [], begun: place(1) };
  assert.deepEqual(combine([one, { ...one, events: false }]).begun, place(1));
  assert.equal(Object.hasOwn(combine([one, { ...one, begun: null }]), 'begun'), false);
  assert.equal(Object.hasOwn(combine([{ ...one, begun: null }]), 'begun'), false);
});
