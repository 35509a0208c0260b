import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, meantText } from '../../src/system/closest.ts';

test('the closest word is found, if any word is close', () => {
  const known = ['deploy', 'drone', 'exec', 'ps', 'spawn', 'stop'];
  const cases: [string, string | undefined][] = [
    ['deplyo', 'deploy'],
    ['spwan', 'spawn'],
    ['stopp', 'stop'],
    ['pss', 'ps'],
    ['nope', undefined],
    ['xyzzy', undefined],
  ];
  for (const [word, meant] of cases) assert.equal(closest(word, known), meant, word);
});

test('whoever has mistyped a word is told what was meant, or what there is', () => {
  assert.equal(meantText('wbe', ['web', 'worker']), 'did you mean web?');
  assert.equal(meantText('database', ['web', 'worker']), 'there are: web, worker');
});
