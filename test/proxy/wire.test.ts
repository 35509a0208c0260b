import { test } from 'node:test';
import { checkWire } from '../fixtures/wire-check.ts';

test('whatever clients send: an instance sees their requests and no others, and each gets its own answer', (t) =>
  checkWire(t, 100, 14));
