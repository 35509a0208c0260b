import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountedDeeds, type Deed } from '../../../src/hub/events/counted-deeds.ts';
import type { NewEvent } from '../../../src/hub/events/event-log.ts';
import { Clock } from '../../fixtures/clock.ts';

const WINDOW_MS = 1_000;
const deed = (who: string, call: string, more: object = {}): Deed => ({
  ...{ who, call, address: '10.0.0.1', result: 'no' },
  ...more,
});

function makeDeeds() {
  const told: string[] = [];
  const add = (event: NewEvent) => {
    const { who, call, more } = event as unknown as Deed;
    told.push(`${who} ${call}${more === undefined ? '' : ` ${more} more`}`);
  };
  return { told, deeds: new CountedDeeds({ add }, WINDOW_MS) };
}

test('what is repeated is told once, and then how often it was repeated', (t) => {
  const clock = new Clock(t);
  const { told, deeds } = makeDeeds();
  for (let n = 0; n < 1_000; n++) deeds.add(deed('ci', 'exec.start'));
  deeds.add(deed('ci', 'stop'));
  deeds.add(deed('ada', 'exec.start'));
  assert.deepEqual(told, ['ci exec.start', 'ci stop', 'ada exec.start']);
  clock.pass(WINDOW_MS);
  assert.deepEqual(told.slice(3), ['ci exec.start 999 more']);
  deeds.add(deed('ci', 'exec.start'));
  assert.deepEqual(told.slice(4), ['ci exec.start']);
});

test('a token with the name of an earlier one is counted for itself', (t) => {
  new Clock(t);
  const { told, deeds } = makeDeeds();
  for (const accessor of ['0', '1', '1']) deeds.add(deed('ci', 'join', { accessor }));
  assert.deepEqual(told, ['ci join', 'ci join']);
});

test('nobody makes many by doing it in many ways', (t) => {
  const clock = new Clock(t);
  const { told, deeds } = makeDeeds();
  for (let n = 0; n < 1_000; n++) deeds.add(deed('ci', 'join'), `drone-${n}`);
  assert.ok(told.length < 30, `${told.length}`);
  clock.pass(WINDOW_MS);
  assert.ok(told.includes('ci join 979 more'), told.join());
});

test('at the end, all counts are told', (t) => {
  new Clock(t);
  const { told, deeds } = makeDeeds();
  for (let n = 0; n < 3; n++) deeds.add(deed('ci', 'push'), 'webapp');
  deeds.close();
  assert.deepEqual(told, ['ci push', 'ci push 2 more']);
});
