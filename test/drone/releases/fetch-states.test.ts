import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchStates } from '../../../src/drone/releases/fetch-states.ts';
import type { FetchStep } from '../../../src/git/mirror.ts';
import type { FetchState } from '../../../src/protocol/fetch.ts';
import { Clock } from '../../fixtures/clock.ts';

const RELEASE = { repo: 'app', commit: 'c'.repeat(40) };

/** A fetch that goes on until the test ends it. */
function follow(states: FetchStates) {
  let onStep: (step: FetchStep) => void = () => {};
  let end: { resolve(value: string): void; reject(error: Error): void } | undefined;
  const followed = states.follow(RELEASE, (given) => {
    onStep = given;
    return new Promise<string>((resolve, reject) => {
      end = { resolve, reject };
    });
  });
  assert.ok(end);
  return { ...end, followed, onStep: (step: FetchStep) => onStep(step) };
}

const textOf = ({ step, percent, elapsed }: FetchState) => `${step} ${percent} ${elapsed}`;

test('a fetch that takes long is told of when it has changed, at most once a second, and when it has ended', async (t) => {
  const clock = new Clock(t);
  const told: string[] = [];
  const fetch = follow(new FetchStates((state) => told.push(textOf(state))));
  clock.pass(999);
  assert.deepEqual(told, []);
  clock.pass(3_001);
  for (let percent = 1; percent <= 40; percent++) fetch.onStep({ step: 'receiving', percent });
  clock.pass(1_000);
  fetch.resolve('fetched');
  assert.equal(await fetch.followed, 'fetched');
  clock.pass(5_000);
  assert.deepEqual(told, ['preparing null 1000', 'receiving 40 5000', 'done null 5000']);
});

test('nobody is told of a short fetch, nor of its failure', async (t) => {
  const clock = new Clock(t);
  const told: string[] = [];
  const fetch = follow(new FetchStates((state) => told.push(textOf(state))));
  fetch.onStep({ step: 'receiving', percent: 5 });
  clock.pass(900);
  fetch.reject(new Error('cut off'));
  await assert.rejects(fetch.followed, /cut off/);
  clock.pass(5_000);
  assert.deepEqual(told, []);
});
