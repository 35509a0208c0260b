import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftOutText } from '../../src/cli/left-out-text.ts';

test('files that a commit only refers to are one line per kind, with the first name and the number of others', () => {
  const many = ['public/logo.png', ...Array.from({ length: 41 }, (_, n) => `${n}.png`)];
  const table: [string[], string[], string[]][] = [
    [[], [], []],
    [['lib'], [], ['lib is a submodule; its files are not in what is deployed']],
    [['lib', 'ext'], [], ['lib and 1 more are submodules; their files are not in what is deployed']],
    [[], ['a.png'], ['a.png is a Git LFS pointer; its file is not in what is deployed']],
    [
      ['lib'],
      many,
      [
        'lib is a submodule; its files are not in what is deployed',
        'public/logo.png and 41 more are Git LFS pointers; their files are not in what is deployed',
      ],
    ],
  ];
  for (const [submodules, pointers, lines] of table)
    assert.deepEqual(leftOutText({ submodules, pointers }), lines);
});
