import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { frontOf } from '../../../src/drone/logs/front.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const BLOCK_BYTES = 4096;
/** Lines of eight bytes, and what is left of them when so many blocks are cut away. */
const lines = (count: number) =>
  Array.from({ length: count }, (_, n) => `${String(n).padStart(7, '0')}\n`).join('');
const cutTo = (text: string, blocks: number) =>
  Buffer.concat([Buffer.alloc(blocks * BLOCK_BYTES), Buffer.from(text).subarray(blocks * BLOCK_BYTES)]);

const TEXT = `x${lines(20_000)}`;
/** The first line that begins in block 5 of it. */
const FIFTH = 5 * BLOCK_BYTES + 1;

for (const [what, bytes, from, front] of [
  ['a log of which nothing was cut away', Buffer.from(TEXT), 0, 0],
  ['an empty log', Buffer.alloc(0), 0, 0],
  ['a log whose description is lost', cutTo(TEXT, 5), 0, FIFTH],
  ['a log whose description is older than the last cut', cutTo(TEXT, 5), 2 * BLOCK_BYTES + 1, FIFTH],
  ['a log whose description says more than the hole', cutTo(TEXT, 5), FIFTH + 80, FIFTH + 80],
  ['a log that begins right behind the hole', cutTo(TEXT.slice(1), 5), 5 * BLOCK_BYTES, 5 * BLOCK_BYTES],
  ['a log that was cut away to its end', cutTo(TEXT, 5).subarray(0, 5 * BLOCK_BYTES), 0, 5 * BLOCK_BYTES],
  ['a line without an end behind the hole', cutTo('x'.repeat(50_000), 5), 0, 5 * BLOCK_BYTES],
  ['a program that prints zeros', Buffer.concat([Buffer.from(TEXT), Buffer.alloc(200_000)]), 0, 0],
] as const) {
  test(`a log begins with its first existing line: ${what}`, (t) => {
    const path = join(temporaryFolder(t), '1e99f4.log');
    writeFileSync(path, bytes);
    assert.equal(frontOf(path, from), front);
  });
}

test('a missing log begins where its description says', (t) => {
  assert.equal(frontOf(join(temporaryFolder(t), 'nowhere.log'), 104), 104);
});
