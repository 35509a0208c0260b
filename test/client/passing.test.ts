import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPassing, isRefused } from '../../src/client/passing.ts';
import { FleetError } from '../../src/protocol/errors.ts';

for (const [error, passes] of [
  [new FleetError('ECONNECT', ''), true],
  [new FleetError('ECLOSED', ''), true],
  [new FleetError('ETIMEOUT', ''), true],
  [new FleetError('ELIMIT', ''), true],
  [new FleetError('EAUTH', ''), false],
  [new FleetError('ENODRONE', ''), false],
  [Object.assign(new Error(), { code: 'ECLOSED' }), false],
] as const) {
  const { name, code } = error;
  test(`trying again ${passes ? 'may help' : 'does not help'} after ${code} (${name})`, () => {
    assert.equal(isPassing(error), passes);
  });
}

test('a hub that refuses connections is told from one that does not answer', () => {
  const caused = (code: string) => new FleetError('ECONNECT', '', { cause: { code } });
  assert.deepEqual(
    [caused('ECONNREFUSED'), caused('ENOTFOUND'), new FleetError('ETIMEOUT', ''), new Error()].map(isRefused),
    [true, false, false, false],
  );
});
