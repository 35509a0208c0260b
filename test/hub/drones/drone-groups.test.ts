import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedGroups, differingDrones, dronesIn } from '../../../src/hub/drones/drone-groups.ts';
import { groupKey } from '../../../src/hub/store/groups.ts';

const drone = (name: string) => ({ name, seen: 1, connected: true });
const at = (identity: string) => groupKey('drones', identity);
const isApart = (identity: string) => at(identity) !== at('a');
const apart = 'bcdefgh'.split('').find(isApart) ?? '';
const groups = new Map([
  [at('a'), { a: drone('web1') }],
  [at(apart), { [apart]: drone('web2') }],
]);

test('only groups in which a drone has changed are written anew', () => {
  const drones = dronesIn(groups);
  assert.deepEqual(changedGroups(groups, drones, ['a', apart, 'nobody']), []);
  drones.set('a', drone('web3'));
  assert.deepEqual(changedGroups(groups, drones, ['a', apart]), [[at('a'), { a: drone('web3') }]]);
  drones.delete(apart);
  assert.deepEqual(changedGroups(groups, drones, [apart]), [[at(apart), null]]);
});

test('groups differ in the drones that were added, changed or removed', () => {
  const one = { a: drone('a'), b: drone('b'), c: drone('c') };
  const other = { b: drone('b'), c: drone('c2'), d: drone('d') };
  assert.deepEqual(differingDrones(one, other).sort(), ['a', 'c', 'd']);
  assert.deepEqual(differingDrones(undefined, one).sort(), ['a', 'b', 'c']);
  assert.deepEqual(differingDrones(one, one), []);
});
