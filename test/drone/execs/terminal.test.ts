import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onTerminal, terminalPath } from '../../../src/drone/execs/terminal.ts';

test('a terminal is found by its number', () => {
  const cases: [number, string | null][] = [
    [0, null],
    [(136 << 8) | 0, '/dev/pts/0'],
    [(136 << 8) | 255, '/dev/pts/255'],
    [(136 << 8) | (1 << 20), '/dev/pts/256'],
    [(137 << 8) | 3, '/dev/pts/259'],
    [(4 << 8) | 1, null],
  ];
  for (const [device, path] of cases) assert.equal(terminalPath(device), path, String(device));
});

test('every word of a command reaches it as it is, and SHELL is its own', () => {
  const [, , line] = onTerminal(['a b', "it's", '*;$x'], { rows: 2, columns: 3 }, '/bin/bash');
  assert.equal(line, `stty sane iutf8 rows 2 cols 3; SHELL='/bin/bash'; exec 'a b' 'it'\\''s' '*;$x'`);
});
