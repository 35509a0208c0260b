import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockText } from '../../src/cli/clock-text.ts';

/** A Wednesday, in the reader's time zone. */
const NOW = new Date(2026, 7, 12, 12, 0).getTime();

test('a time of today is a clock, one of the last days has a weekday, and an older one is a date', () => {
  const table: [Date, string][] = [
    [new Date(2026, 7, 12, 9, 5), '09:05'],
    [new Date(2026, 7, 12, 0, 0), '00:00'],
    [new Date(2026, 7, 11, 23, 59), 'Tue 23:59'],
    [new Date(2026, 7, 5, 12, 1), 'Wed 12:01'],
    [new Date(2026, 7, 5, 12, 0), '2026-08-05'],
    [new Date(2025, 0, 3, 4, 0), '2025-01-03'],
  ];
  for (const [time, text] of table) assert.equal(clockText(time, NOW), text);
});

test('a time a little ahead, of a hub whose clock is fast, is no date', () => {
  assert.equal(clockText(new Date(2026, 7, 13, 0, 1), NOW), 'Thu 00:01');
  assert.equal(clockText(new Date(2026, 7, 20, 0, 1), NOW), '2026-08-20');
});
