import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from '../../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../../src/hub/events/event-numbers.ts';

const joined = (drone: string) => ({ type: 'joined', drone, version: '1.0.0' }) as const;
const makeLog = (maxEvents?: number, maxCharacters?: number) =>
  new EventLog(new EventNumbers(0, () => {}), maxEvents, maxCharacters);
const numbersOf = (log: EventLog, since: number) => {
  const { events, missed } = log.since(since);
  return { numbers: events.map(({ seq }) => seq), missed };
};

test('each event has the next number, and the time at which it happened', () => {
  const log = makeLog();
  log.add(joined('web1'));
  log.add({ ...joined('web2'), time: 1_000 });
  const [first, second] = log.since(0).events;
  assert.equal(first?.seq, 1);
  assert.ok(Math.abs((first?.time ?? 0) - Date.now()) < 60_000);
  assert.deepEqual(second, { type: 'joined', drone: 'web2', version: '1.0.0', seq: 2, time: 1_000 });
  assert.equal(log.last, 2);
});

test('a listener that was away gets the events after the last one it saw, and how many are gone', () => {
  const log = makeLog(3);
  for (let n = 1; n <= 5; n++) log.add(joined(`web${n}`));
  assert.deepEqual(numbersOf(log, 5), { numbers: [], missed: 0 });
  assert.deepEqual(numbersOf(log, 3), { numbers: [4, 5], missed: 0 });
  assert.deepEqual(numbersOf(log, 2), { numbers: [3, 4, 5], missed: 0 });
  assert.deepEqual(numbersOf(log, 0), { numbers: [3, 4, 5], missed: 2 });
});

test('the number and size of kept events are limited', () => {
  const log = makeLog(1_000, 10_000);
  for (let n = 0; n < 100; n++) log.add(joined('x'.repeat(1_000)));
  const { events, missed } = log.since(0);
  assert.ok(events.length > 5 && events.length < 10, `${events.length} events`);
  assert.equal(events.length + (missed ?? 0), 100);
});

test('numbers continue over restarts, none repeats, and few are written to disk', () => {
  const written: number[] = [];
  const first = new EventNumbers(0, (upTo) => written.push(upTo));
  const used = Array.from({ length: 12_000 }, () => first.next());
  assert.deepEqual([used[0], used.at(-1)], [1, 12_000]);
  assert.ok(written.length < 5, `${written.length} writes`);
  assert.ok((written.at(-1) ?? 0) > 12_000);
  assert.ok(new EventNumbers(written.at(-1) ?? 0, () => {}).next() > 12_000);
});

/** A log with an exit of each of these ids, at these times. */
function logOf(...exits: [id: string, time: number][]) {
  const log = makeLog();
  for (const [id, time] of exits) log.add({ type: 'lost', drone: id, why: '', time });
  return log;
}

const placeOf = (drone: string, time: number) => ({ type: 'lost', drone, id: null, time });

test('a listener that comes from another hub gets what came after its last event, also what came there before that', () => {
  const log = logOf(['a', 1_000], ['b', 20_000], ['c', 21_000], ['d', 19_000], ['e', 40_000]);
  const { events, missed } = log.after(placeOf('c', 21_300));
  assert.deepEqual(
    [events.map((event) => 'drone' in event && event.drone), missed],
    [['b', 'c', 'd', 'e'], 0],
  );
});

test('a listener that comes from another hub gets nothing of before it has begun to listen, if that is known here', () => {
  const log = logOf(['a', 17_000], ['b', 18_000], ['c', 19_000], ['d', 20_000], ['e', 40_000]);
  const namesAfter = (drone: string, time: number, begun: ReturnType<typeof placeOf>) =>
    log.after(placeOf(drone, time), [], begun).events.map((event) => 'drone' in event && event.drone);
  assert.deepEqual(namesAfter('c', 19_000, placeOf('c', 19_200)), ['d', 'e']);
  assert.deepEqual(namesAfter('d', 20_000, placeOf('b', 18_000)), ['c', 'd', 'e']);
  assert.deepEqual(namesAfter('d', 20_000, placeOf('x', 19_500)), ['a', 'b', 'c', 'd', 'e']);
});

test('if its last event is not there, it gets what is newer, and is told whether that is all', () => {
  const log = logOf(['a', 1_000], ['b', 20_000]);
  const namesAfter = (drone: string, time: number) => {
    const { events, missed } = log.after(placeOf(drone, time));
    return [events.map((event) => 'drone' in event && event.drone), missed];
  };
  assert.deepEqual(namesAfter('x', 5_000), [['b'], 0]);
  assert.deepEqual(namesAfter('b', 25_000), [[], 0]);
  assert.deepEqual(namesAfter('x', 500), [['a', 'b'], null]);
});

test('the clock of the other hub may be wrong, and its last events unknown here', () => {
  const log = makeLog();
  const times = [1_000, 20_000, 40_000] as const;
  for (const [n, time] of times.entries())
    log.add({ type: 'lost', drone: 'web1', why: '', connection: `c${n}`, time });
  const connection = (n: number, time: number) => ({ ...placeOf('web1', time), connection: `c${n}` });
  const after = (...given: Parameters<typeof log.after>) =>
    log.after(...given).events.map((event) => 'connection' in event && event.connection);
  assert.deepEqual(after(connection(1, 80_000)), ['c1', 'c2']);
  assert.deepEqual(after(connection(7, 90_000)), []);
  assert.deepEqual(after(connection(7, 90_000), [connection(0, 61_000), connection(1, 80_000)]), [
    'c1',
    'c2',
  ]);
});

test('what a drone tells again is added once, for as long as the event is kept', () => {
  const log = makeLog(3);
  const spawned = (drone: string, key: string) =>
    ({ type: 'deployed', drone, repo: 'app', commit: 'c'.repeat(40), key }) as const;
  for (const key of ['a', 'b', 'a']) log.add(spawned('web1', key));
  log.add(spawned('web2', 'a'));
  assert.deepEqual(numbersOf(log, 0), { numbers: [1, 2, 3], missed: 0 });
  log.add(spawned('web1', 'c'));
  log.add(spawned('web1', 'a'));
  assert.equal(log.last, 5);
});
