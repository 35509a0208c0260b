import assert from 'node:assert/strict';
import { test } from 'node:test';
import archy from 'archy';
import fc from 'fast-check';
import { type Tree, treeText } from '../../src/cli/tree.ts';

test('a tree is drawn with lines from each label to those below it', () => {
  const nodes = [{ label: 'one', nodes: ['a', 'b\nc'] }, 'two', { label: 'three\nfour', nodes: ['d'] }];
  const expected = [
    'root',
    '├─┬ one',
    '│ ├── a',
    '│ └── b',
    '│     c',
    '├── two',
    '└─┬ three',
    '  │ four',
    '  └── d',
  ];
  assert.equal(treeText({ label: 'root', nodes }), `${expected.join('\n')}\n`);
});

test('every tree looks as it always has: as archy draws it', () => {
  const label = fc.string({ unit: fc.constantFrom('a', 'ß', '\n', ' ') });
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.record({
      label,
      nodes: fc.array(fc.oneof({ depthSize: 'small' }, label, tie('tree')), { maxLength: 4 }),
    }),
  }));
  fc.assert(fc.property(tree, (one) => assert.equal(treeText(one), archy(one as archy.Data))));
});
