import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Place, type Placement, place, slotsOf, type Wanted } from '../../../src/hub/apps/placement.ts';

const drone = (name: string, processes = 0, isConnected = true): Place => ({ name, processes, isConnected });
const wanted = (
  service: string,
  count: Wanted['count'],
  places: Place[],
  port: number | null = null,
): Wanted => ({
  ...{ service, count, places, port },
});

test('a new slot goes where fewest of its service are, then where fewest processes are, then by name', () => {
  const cases: [string, Placement, Wanted[], Placement][] = [
    ['by name', {}, [wanted('web', 3, [drone('b'), drone('a')])], { web: { 1: 'a', 2: 'b', 3: 'a' } }],
    ['fewest processes', {}, [wanted('web', 1, [drone('a', 5), drone('b', 2)])], { web: { 1: 'b' } }],
    [
      'what is placed at the same time counts, too',
      {},
      [wanted('web', 1, [drone('a'), drone('b')]), wanted('worker', 1, [drone('a'), drone('b')])],
      { web: { 1: 'a' }, worker: { 1: 'b' } },
    ],
    [
      'not to a drone that is lost',
      {},
      [wanted('web', 2, [drone('a', 0, false), drone('b')])],
      { web: { 1: 'b', 2: 'b' } },
    ],
    [
      'a slot stays where it was, even if the drone is lost',
      { web: { 1: 'b' } },
      [wanted('web', 2, [drone('a'), drone('b', 9, false)])],
      { web: { 1: 'b', 2: 'a' } },
    ],
    [
      'but not on a drone that may not have it any more',
      { web: { 1: 'b', 2: 'a' } },
      [wanted('web', 2, [drone('a')])],
      { web: { 1: 'a', 2: 'a' } },
    ],
    [
      'one a drone, for a fixed port',
      {},
      [wanted('web', 3, [drone('a'), drone('b')], 80)],
      { web: { 1: 'a', 2: 'b' } },
    ],
    [
      'not where another service has the same fixed port, also one that is placed at the same time',
      { old: { 1: 'c' } },
      [
        wanted('web', 2, [drone('a'), drone('b'), drone('c')], 80),
        wanted('old', 1, [drone('c')], 80),
        wanted('api', 'each', [drone('a'), drone('b'), drone('c')], 80),
        wanted('admin', 1, [drone('a'), drone('b', 9), drone('c', 9)], 81),
      ],
      { web: { 1: 'a', 2: 'b' }, old: { 1: 'c' }, api: {}, admin: { 1: 'a' } },
    ],
    [
      'each',
      { web: { 2: 'b' } },
      [wanted('web', 'each', [drone('a'), drone('b')])],
      { web: { 1: 'a', 2: 'b' } },
    ],
  ];
  for (const [what, before, services, expected] of cases)
    assert.deepEqual(place(before, services), expected, what);
});

test('slots are as many as there should be, spread evenly, and stay when there are more later', () => {
  const drones = fc.integer({ min: 1, max: 5 });
  const count = fc.integer({ min: 0, max: 12 });
  fc.assert(
    fc.property(drones, count, count, (machines, few, many) => {
      const places = Array.from({ length: machines }, (_, n) => drone(`d${n}`));
      const first = place({}, [wanted('web', few, places)]);
      const second = place(first, [wanted('web', Math.max(few, many), places)]);
      const slots = slotsOf(second, 'web');
      assert.deepEqual(
        slots.map(({ slot }) => slot),
        Array.from({ length: Math.max(few, many) }, (_, n) => n + 1),
      );
      for (const [slot, name] of Object.entries(first['web'] ?? {}))
        assert.equal(second['web']?.[slot], name);
      const counts = places.map(({ name }) => slots.filter((one) => one.drone === name).length);
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
    }),
  );
});

test('new slots go one after the other to the drone that is the best one then', () => {
  const places = fc.uniqueArray(
    fc.record({ name: fc.string({ minLength: 1 }), processes: fc.nat(9), isConnected: fc.boolean() }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 6 },
  );
  const before = fc.dictionary(fc.integer({ min: 1, max: 12 }).map(String), fc.nat(5));
  fc.assert(
    fc.property(places, before, fc.nat(15), fc.constantFrom(null, 80), (drones, slots, count, port) => {
      const web = Object.fromEntries(
        Object.entries(slots).map(([slot, at]) => [slot, drones[at % drones.length]?.name ?? '']),
      );
      const placed = place({ web }, [wanted('web', count, drones, port)]);
      assert.deepEqual(placed, { web: oneAfterTheOther(web, count, drones, port !== null) });
    }),
    { numRuns: 500 },
  );
});

/** The same, as it is said: each time, all drones are compared. */
function oneAfterTheOther(
  before: Record<string, string>,
  count: number,
  drones: Place[],
  isAlone: boolean,
): Record<string, string> {
  const slots = { ...before };
  const news = new Map<string, number>();
  for (let slot = 1; slot <= count; slot++) {
    if (slots[slot] !== undefined) continue;
    const inService = (name: string) =>
      Object.entries(slots).filter(([n, drone]) => Number(n) <= count && drone === name).length;
    const [best] = drones
      .filter(({ isConnected, name }) => isConnected && !(isAlone && inService(name) > 0))
      .map(({ name, processes }) => ({ name, few: inService(name), all: processes + (news.get(name) ?? 0) }))
      .sort((a, b) => a.few - b.few || a.all - b.all || (a.name < b.name ? -1 : 1));
    if (!best) break;
    slots[slot] = best.name;
    news.set(best.name, (news.get(best.name) ?? 0) + 1);
  }
  return slots;
}

test('a service whose slots all stay keeps the object that is recorded', () => {
  const before = { web: { 1: 'a', 2: 'b' }, worker: { 1: 'gone' } };
  const places = [drone('a'), drone('b')];
  const after = place(before, [wanted('web', 2, places), wanted('worker', 1, places)]);
  assert.equal(after['web'], before.web);
  assert.deepEqual(after['worker'], { 1: 'a' });
});
