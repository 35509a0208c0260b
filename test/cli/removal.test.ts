import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameToRemove } from '../../src/cli/removal.ts';

const given = (verb: string, ...words: string[]) => nameToRemove({ verb, words }, 'drones', 'drone');

test('rm takes one name, and the list takes none', () => {
  assert.equal(given('rm', 'web1'), 'web1');
  assert.equal(given(''), undefined);
  for (const words of [[], ['web1', 'web2']])
    assert.throws(() => given('rm', ...words), {
      code: 'EUSAGE',
      message: 'say which drone: fleet drones rm NAME',
    });
  assert.throws(() => given('ls', 'web1'), {
    code: 'EUSAGE',
    message: "fleet drones takes no argument 'web1'",
  });
});
