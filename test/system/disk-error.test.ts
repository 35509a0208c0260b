import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetError } from '../../src/protocol/errors.ts';
import { isDiskFull, isRefusedByDisk } from '../../src/system/disk-error.ts';

for (const [code, isFull, isRefused] of [
  ['ENOSPC', true, true],
  ['EDQUOT', true, true],
  ['EROFS', false, true],
  ['EIO', false, false],
  [undefined, false, false],
] as const) {
  test(`${code} says that the disk ${isFull ? 'is full' : isRefused ? 'takes nothing' : 'is no reason'}`, () => {
    const said = Object.assign(new Error(), { code });
    const error = new FleetError('EIO', 'cannot write', { cause: said });
    assert.deepEqual([isDiskFull(said), isRefusedByDisk(said)], [isFull, isRefused]);
    assert.deepEqual([isDiskFull(error), isRefusedByDisk(error)], [isFull, isRefused]);
  });
}

test('what is no error says nothing of the disk', () => {
  assert.equal(isDiskFull({ code: 'ENOSPC' }), false);
  assert.equal(isRefusedByDisk(null), false);
});
