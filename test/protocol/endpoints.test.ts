import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serving } from '../../src/protocol/endpoints.ts';

for (const [states, served] of [
  ['ready lost not-ready leaving ready', 'ready ready'],
  ['not-ready lost leaving', 'lost'],
  ['not-ready leaving not-ready', 'not-ready not-ready'],
  ['leaving starting', ''],
  ['', ''],
] as const) {
  test(`of ${states || 'nothing'}, requests go to ${served || 'nobody'}`, () => {
    const endpoints = states.split(' ').map((state) => ({ state }));
    assert.equal(
      serving(endpoints)
        .map(({ state }) => state)
        .join(' '),
      served,
    );
  });
}
