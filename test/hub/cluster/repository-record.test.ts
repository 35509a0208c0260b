import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  begun,
  emptyRecord,
  forgottenOf,
  isRepositoryRecord,
  type RepositoryRecord,
  removedRecord,
  standingOf,
  stillToForget,
  withCommitAgain,
  withDeployedRef,
  withMoves,
  withOwn,
  withoutCommit,
} from '../../../src/hub/cluster/repository-record.ts';

const ZERO = '0'.repeat(40);
const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const empty = emptyRecord('one', undefined);

function moved(record: RepositoryRecord, ...moves: [ref: string, before: string, after: string][]) {
  return withMoves(
    record,
    moves.map(([ref, before, after]) => ({ ref, before, after })),
  );
}

function done(record: RepositoryRecord | string): RepositoryRecord {
  assert.ok(typeof record !== 'string', String(record));
  return record;
}

test('the first branch that is pushed is what a clone checks out, and main rather than others', () => {
  const one = done(moved(empty, ['refs/heads/side', ZERO, A], ['refs/heads/main', ZERO, B]));
  assert.equal(one.head, 'refs/heads/main');
  assert.deepEqual(one.refs, { 'refs/heads/side': A, 'refs/heads/main': B, 'refs/heads/deployed': B });
  assert.equal(one.changes, 1);
  assert.ok(isRepositoryRecord(one));
  assert.equal(done(moved(one, ['refs/heads/side', A, C])).head, 'refs/heads/main');
});

test('if the branch that a clone checks out is removed, it gets what was deployed', () => {
  const one = done(moved(empty, ['refs/heads/main', ZERO, A]));
  const two = done(moved(one, ['refs/heads/main', A, ZERO]));
  assert.deepEqual([two.head, two.refs], ['refs/heads/deployed', { 'refs/heads/deployed': A }]);
});

test('a ref is moved only from where the push has found it, or if it is there already', () => {
  const one = done(moved(empty, ['refs/heads/main', ZERO, A]));
  assert.equal(moved(one, ['refs/heads/main', B, C]), 'somebody else has pushed meanwhile; git fetch first');
  assert.equal(
    moved(one, ['refs/heads/main', ZERO, C]),
    'somebody else has pushed meanwhile; git fetch first',
  );
  assert.equal(done(moved(one, ['refs/heads/main', ZERO, A])).refs['refs/heads/main'], A);
});

test('more refs than one record can have are refused', () => {
  const many = Array.from({ length: 8_001 }, (_, n): [string, string, string] => [`refs/tags/${n}`, ZERO, A]);
  assert.match(String(moved(empty, ...many)), /^several hubs keep at most 8000 branches and tags/);
  const own = new Map(many.map(([ref, , after]) => [ref, after]));
  assert.equal(Object.keys(withOwn(empty, { refs: own, head: null })?.refs ?? {}).length, 8_000);
});

test('what a hub brings along is added, and what all have stays', () => {
  const one = done(moved(empty, ['refs/heads/main', ZERO, A]));
  const own = new Map([
    ['refs/heads/main', B],
    ['refs/heads/side', C],
  ]);
  const both = withOwn(one, { refs: own, head: 'refs/heads/side' });
  assert.deepEqual(both?.refs, { ...one.refs, 'refs/heads/side': C });
  assert.equal(both?.head, 'refs/heads/main');
  assert.equal(withOwn(empty, { refs: own, head: 'refs/heads/side' })?.head, 'refs/heads/side');
  assert.equal(withOwn(one, { refs: new Map([['refs/heads/main', B]]), head: null }), null);
});

test('a commit that was deployed again changes nothing', () => {
  const one = withDeployedRef(empty, A);
  assert.equal(one?.refs['refs/heads/deployed'], A);
  assert.equal(one && withDeployedRef(one, A), null);
});

test('what is forgotten is forgotten once by each hub, unless it is pushed again', () => {
  const deployed = withDeployedRef(empty, B) as RepositoryRecord;
  const one = withoutCommit(withoutCommit(deployed, A, null), B, C);
  assert.equal(one.refs['refs/heads/deployed'], C);
  assert.deepEqual(stillToForget(one, 0), [A, B]);
  assert.deepEqual(stillToForget(one, 1), [B]);
  assert.deepEqual(stillToForget(one, forgottenOf(one)), []);
  const again = withCommitAgain(one, [A]) as RepositoryRecord;
  assert.deepEqual(stillToForget(again, 0), [B]);
  assert.equal(forgottenOf(again), 2);
  assert.equal(withCommitAgain(again, [A]), null);
});

test('of thousands of forgotten commits the last ones are listed, and counted as before', () => {
  const all = Array.from({ length: 5_010 }, (_, n) => n.toString(16).padStart(40, '0'));
  const record = all.reduce((before, commit) => withoutCommit(before, commit, null), empty);
  assert.equal(forgottenOf(record), 5_010);
  assert.deepEqual(stillToForget(record, 5_008), all.slice(-2));
  assert.equal(stillToForget(record, 0).length, 5_000);
});

test('a repository that was removed is gone, and one that followed a lost record is not', () => {
  const removed = removedRecord(empty);
  const made = emptyRecord('two', removed);
  assert.equal(begun(made)?.changes, 1);
  assert.equal(begun(removed), null);
  for (const [record, followed, standing] of [
    [empty, 'one', 'same'],
    [empty, null, 'foreign'],
    [empty, 'another', 'foreign'],
    [removed, 'one', 'gone'],
    [removed, null, 'foreign'],
    [made, 'one', 'gone'],
    [made, 'two', 'same'],
  ] as const)
    assert.equal(standingOf(record, followed), standing, `${followed} at ${record.id}`);
});
