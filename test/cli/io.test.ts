import assert from 'node:assert/strict';
import { test } from 'node:test';
import { note, say } from '../../src/cli/io.ts';
import { makeIo } from './world.ts';

test('results go to standard output and everything else to standard error, made safe for terminals only', () => {
  for (const [isTTY, shown] of [
    [true, 'a^[[2J'],
    [false, 'a\x1b[2J'],
  ] as const) {
    const io = makeIo('/', {}, isTTY);
    say(io, 'a\x1b[2J');
    note(io, 'b');
    assert.deepEqual([io.out, io.err], [`${shown}\n`, 'b\n']);
  }
});
