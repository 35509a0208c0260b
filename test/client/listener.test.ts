import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Listener } from '../../src/client/listener.ts';
import type { Notices } from '../../src/protocol/notices.ts';

const ALL = { events: true, output: null, drones: null };
const exited = (seq: number, time: number, id = '1e99f4') =>
  ({ type: 'exited', drone: 'web1', id, time, seq }) as unknown as Notices['event'];
const place = (time: number) => ({ time, type: 'exited', drone: 'web1', id: '1e99f4' });

test('at the same hub, a number says how far a listener has come', () => {
  const listener = new Listener(ALL);
  listener.meets('h1');
  listener.answered({ seq: 4, missed: 0, last: null });
  assert.deepEqual(
    [exited(4, 0), exited(5, 0), exited(5, 0)].map((event) => listener.takes(event)),
    [false, true, false],
  );
  listener.meets('h1');
  assert.deepEqual([listener.since, listener.after], [5, null]);
});

test('at another hub, it goes on after the last event, and recognises what it has seen, each once', () => {
  const listener = new Listener(ALL);
  listener.meets('h1');
  listener.answered({ seq: 4, missed: 0, last: place(1) });
  for (const event of [exited(5, 10_000), exited(6, 20_000), exited(7, 20_300)]) listener.takes(event);
  listener.meets('h2');
  assert.deepEqual([listener.since, listener.after], [null, place(20_300)]);
  const told = [exited(102, 20_001), exited(103, 20_300), exited(104, 20_400), exited(105, 30_000)];
  assert.deepEqual(
    told.map((event) => listener.takes(event)),
    [false, false, true, true],
  );
  listener.answered({ seq: 105, missed: 0 });
  assert.deepEqual([listener.since, listener.after], [105, null]);
});

test('a listener that has seen nothing goes on after the last event that the hub before had', () => {
  const listener = new Listener(ALL);
  listener.meets('h1');
  listener.answered({ seq: 4, missed: 0, last: place(7) });
  listener.meets('h2');
  assert.deepEqual(listener.after, place(7));
});

test('another hub is told where a listener has begun, which one that goes on after a number has not said', () => {
  const listener = new Listener(ALL);
  listener.meets('h1');
  listener.answered({ seq: 4, missed: 0, last: place(1) });
  assert.equal(listener.begun, null, 'the hub itself knows it by its number');
  listener.takes(exited(5, 10_000));
  listener.answered({ seq: 5, missed: 0, last: place(10_000) });
  listener.meets('h2');
  assert.deepEqual([listener.after, listener.begun], [place(10_000), place(1)]);
  const followed = new Listener({ ...ALL, since: 4 }, 'h1');
  followed.meets('h1');
  followed.answered({ seq: 5, missed: 0, last: place(10_000) });
  followed.meets('h2');
  assert.deepEqual([followed.after, followed.begun], [place(10_000), null]);
});

test('a number of a hub that was lost before the listener began says nothing at another', () => {
  const listener = new Listener({ ...ALL, since: 12 }, 'h1');
  listener.meets('h2');
  assert.equal(listener.since, null);
  assert.equal(listener.after?.time, 0);
});

test('a drone that has joined is recognised by its connection, however the clocks of hubs differ', () => {
  const joined = (seq: number, time: number, connection: string) =>
    ({
      type: 'joined',
      drone: 'web1',
      version: '1.0.0',
      time,
      seq,
      connection,
    }) as unknown as Notices['event'];
  const called = { type: 'called', call: 'ps', time: 21_000, seq: 7 } as unknown as Notices['event'];
  const listener = new Listener(ALL);
  listener.meets('h1');
  listener.answered({ seq: 4, missed: 0, last: place(1) });
  for (const event of [joined(5, 20_000, 'a'), joined(6, 20_500, 'b'), called]) listener.takes(event);
  listener.meets('h2');
  assert.deepEqual(listener.after, {
    ...{ time: 20_500, type: 'joined', drone: 'web1', id: null },
    connection: 'b',
  });
  assert.deepEqual(
    listener.recent.map(({ connection }) => connection),
    ['a', 'b'],
  );
  const told = [joined(40, 80_500, 'b'), joined(41, 80_600, 'c')];
  assert.deepEqual(
    told.map((event) => listener.takes(event)),
    [false, true],
  );
});

test('an event of a drone is recognised by its key, at whichever hub it was seen, and whenever it comes again', () => {
  const keyed = (seq: number, time: number, key: string) =>
    ({ ...exited(seq, time), key }) as unknown as Notices['event'];
  const listener = new Listener(ALL);
  listener.meets('h1');
  listener.answered({ seq: 4, missed: 0, last: place(1) });
  assert.deepEqual(
    [listener.takes(keyed(5, 20_000, 'a')), listener.takes(keyed(6, 20_000, 'b'))],
    [true, true],
  );
  listener.meets('h2');
  assert.equal(listener.takes(keyed(40, 80_000, 'a')), false);
  listener.meets('h3');
  assert.deepEqual(
    [keyed(7, 20_000, 'b'), keyed(8, 20_000, 'c'), keyed(9, 90_000, 'c')].map((event) =>
      listener.takes(event),
    ),
    [false, true, false],
  );
});

test('a drone hides no event of another one by its key', () => {
  const listener = new Listener(ALL);
  const keyed = (seq: number, drone: string) =>
    ({ ...exited(seq, 20_000), drone, key: 'a' }) as unknown as Notices['event'];
  listener.meets('h1');
  listener.answered({ seq: 4, missed: 0, last: null });
  assert.deepEqual(
    [keyed(5, 'web1'), keyed(6, 'web2'), keyed(7, 'web2')].map((event) => listener.takes(event)),
    [true, true, false],
  );
});
