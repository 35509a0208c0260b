import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../../src/hub/apps/decide.ts';
import { restartsOf } from '../../../src/hub/apps/restarts.ts';
import { makeApp, makeDrone, makeInstance, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const release = makeRelease(1, {
  state: 'live',
  toml: '[services.web]\ncommand = "x"\ncount = 4\nparallel = 2\n',
});
const app = makeApp([release], {
  live: 1,
  placement: { web: { 1: 'd1', 2: 'd1', 3: 'd1', 4: 'd1' } },
});

/** `good` and `bad`, with `!` if its drone wants it restarted; `-` if it is not there. */
function contextOf(words: string) {
  const instances = words.split(' ').flatMap((word, at) => {
    if (word === '-') return [];
    const restart = word.endsWith('!') ? 'uses too much memory' : null;
    return [makeInstance(at + 1, 1, { isGood: word.startsWith('good'), restart })];
  });
  return { app, world: makeWorld([makeDrone('d1', { processes: 4 })], instances), fileOf };
}

const slotsOf = (words: string) =>
  restartsOf(contextOf(words), release).map((command) => ('instance' in command ? command.instance.slot : 0));

test('never are more than parallel of a service away because drones want them restarted', () => {
  const cases: [string, number[]][] = [
    ['good good good good', []],
    ['good! good good good', [1]],
    ['good! good! good! good!', [1, 2]],
    ['good! bad good! good!', [1]],
    ['good! bad bad good!', []],
    ['good! - good good!', [1]],
    ['good! bad! good! good', [2, 1]],
    ['bad! bad! bad! bad!', [1, 2]],
    ['bad bad! bad! bad', []],
  ];
  for (const [words, slots] of cases) assert.deepEqual(slotsOf(words), slots, words);
});

test('the hub orders them while the app is as it should be otherwise', () => {
  const { change, commands } = decide(contextOf('good good! good good'));
  assert.equal(change, null);
  assert.deepEqual(
    commands.map((command) => [command.do, 'instance' in command ? command.instance.slot : 0]),
    [['restart', 2]],
  );
});
