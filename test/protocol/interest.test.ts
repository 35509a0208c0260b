import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EVERYTHING, NOTHING, union, wants, within } from '../../src/protocol/interest.ts';

// Few names, so that they meet.
const id = fc.constantFrom('aaaaaa', 'bbbbbb', 'cccccc', 'dddddd');
const repo = fc.constantFrom('api', 'webapp', 'worker');
const process = fc.record({ id, repo });
const interest = fc.record({
  all: fc.boolean(),
  ids: fc.array(id, { maxLength: 3 }),
  repos: fc.array(repo, { maxLength: 2 }),
});

test('an interest matches by id, by repository, or everything', () => {
  const one = { id: 'aaaaaa', repo: 'webapp' };
  assert.ok(!wants(NOTHING, one));
  assert.ok(wants(EVERYTHING, one));
  assert.ok(wants({ ...NOTHING, ids: ['bbbbbb', 'aaaaaa'] }, one));
  assert.ok(wants({ ...NOTHING, repos: ['webapp'] }, one));
  assert.ok(!wants({ ...NOTHING, ids: ['bbbbbb'], repos: ['api'] }, one));
});

test('a union of interests wants what any of them wants, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(interest, { maxLength: 4 }), process, (interests, one) => {
      const isWanted = interests.some((each) => wants(each, one));
      assert.equal(wants(union(interests), one), isWanted);
    }),
  );
});

test('the order and repetition of interests do not change their union', () => {
  const interests = fc.array(interest, { maxLength: 4 });
  fc.assert(
    fc.property(interests, fc.array(fc.nat(3), { maxLength: 4 }), (some, again) => {
      const repeated = again.flatMap((at) => some[at] ?? []);
      assert.deepEqual(union([...repeated, ...some.toReversed()]), union(some));
      assert.deepEqual(union([union(some)]), union(some));
    }),
  );
});

test('a listener for one repository gets what they want of it, and no drone is asked for all of another', () => {
  fc.assert(
    fc.property(interest, repo, process, (wanted, own, one) => {
      const left = within(wanted, own);
      if (one.repo === own) assert.equal(wants(left, one), wants(wanted, one));
      else assert.equal(wants(left, one), wanted.ids.includes(one.id));
    }),
  );
});
