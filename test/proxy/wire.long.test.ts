import { test } from 'node:test';
import { checkWire } from '../fixtures/wire-check.ts';

const ROUNDS = 10;

for (let round = 0; round < ROUNDS; round++) {
  const seed = Math.floor(Math.random() * 2 ** 31);
  test(`seed ${seed}: an instance sees the requests of clients and no others, and each gets its own answer`, (t) =>
    checkWire(t, 500, seed));
}
