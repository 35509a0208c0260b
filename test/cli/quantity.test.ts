import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aboutSeconds,
  counted,
  formatDuration,
  parseCount,
  parseDuration,
  parseSize,
  parseWait,
} from '../../src/cli/quantity.ts';

const usage = { code: 'EUSAGE' };

test('durations are in seconds, or have a unit', () => {
  const cases: [string, number][] = [
    ['10', 10_000],
    ['10s', 10_000],
    ['0', 0],
    ['1.5s', 1500],
    ['500ms', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['30d', 2_592_000_000],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text, 'x'), ms, text);
  for (const text of ['', 's', '-1', '1y', 'ten', '1 s', '1e3'])
    assert.throws(() => parseDuration(text, 'timeout'), {
      ...usage,
      message: /--timeout=.* is not a length of time/,
    });
  assert.throws(() => parseWait('30d', 'timeout'), usage);
});

test('sizes are in bytes, or have a unit', () => {
  const cases: [string, number][] = [
    ['1000', 1000],
    ['16M', 16_777_216],
    ['16MiB', 16_777_216],
    ['500k', 512_000],
    ['1G', 1_073_741_824],
    ['0.5K', 512],
  ];
  for (const [text, bytes] of cases) assert.equal(parseSize(text, 'x'), bytes, text);
  for (const text of ['', 'M', '-1', '1T', 'x']) assert.throws(() => parseSize(text, 'log-max'), usage);
});

test('counts are whole numbers', () => {
  assert.equal(parseCount('0', 'lines'), 0);
  assert.equal(parseCount('100', 'lines'), 100);
  for (const text of ['', '-1', '1.5', 'x', '1e3', '99999999999'])
    assert.throws(() => parseCount(text, 'lines'), usage);
});

test('durations are printed in a short form', () => {
  assert.deepEqual([5000, 120_000, 500, 1500, 0, 3_600_000].map(formatDuration), [
    '5s',
    '2m',
    '500ms',
    '1500ms',
    '0s',
    '1h',
  ]);
  assert.deepEqual([0, 40, 119, 120, 7300, 200_000].map(aboutSeconds), [
    '0s',
    '40s',
    '119s',
    '2m',
    '2h',
    '2d',
  ]);
});

test('what is counted has commas between thousands, and an s unless there is one', () => {
  const cases: [number, string][] = [
    [0, '0 lines'],
    [1, '1 line'],
    [999, '999 lines'],
    [1000, '1,000 lines'],
    [12_345, '12,345 lines'],
    [1_234_567, '1,234,567 lines'],
  ];
  for (const [count, text] of cases) assert.equal(counted(count, 'line'), text);
});
