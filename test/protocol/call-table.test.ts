import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { rowOf } from '../../src/protocol/call-table.ts';

test('a row of a table is made when it is first asked for, and only once', () => {
  const made: string[] = [];
  const row = (about: string) => () => {
    made.push(about);
    return { params: v.null(), answer: v.null(), about };
  };
  const table = { ps: row('lists'), stop: row('ends') };
  assert.equal(rowOf(table, 'stop').about, 'ends');
  assert.equal(rowOf(table, 'stop'), rowOf({ ...table }, 'stop'));
  assert.deepEqual(made, ['ends']);
});
