import assert from 'node:assert/strict';
import { test } from 'node:test';
import archy from 'archy';
import fc from 'fast-check';
import { type Tree, TreeDrawer } from '../../src/cli/tree.ts';

test('a tree is drawn as archy draws it, also if others of its shape were drawn before', () => {
  const { tree } = fc.letrec<{ tree: Tree; label: string }>((tie) => ({
    label: fc.string({ unit: fc.constantFrom('a', 'ü', ' ', '│', '\n'), maxLength: 3 }),
    tree: fc.oneof(
      { maxDepth: 3 },
      tie('label'),
      fc.record({ label: tie('label'), nodes: fc.array(tie('tree'), { maxLength: 3 }) }),
    ),
  }));
  const drawer = new TreeDrawer();
  fc.assert(
    fc.property(tree, (one) => assert.equal(drawer.draw(one), archy(one as archy.Data))),
    { numRuns: 500 },
  );
});
