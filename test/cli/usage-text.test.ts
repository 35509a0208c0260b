import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usageText } from '../../src/cli/usage-text.ts';

for (const [cpu, memory, text] of [
  [12.4, 64 * 1024 ** 2, 'cpu  12%  mem  64M'],
  [0, 0, 'cpu   0%  mem   0M'],
  [397, 1023 * 1024 ** 2, 'cpu 397%  mem 1023M'],
  [3, 1.5 * 1024 ** 3, 'cpu   3%  mem 1.5G'],
  [null, 5, ''],
  [5, null, ''],
] as const) {
  test(`${cpu} percent and ${memory} bytes are ${JSON.stringify(text)}`, () => {
    assert.equal(usageText(cpu, memory), text);
  });
}
