import { test } from 'node:test';
import { checkWire } from '../fixtures/wire-check.ts';

// `SEED=N npm run test:long` plays another one.
const { SEED } = process.env;
const SEEDS = SEED === undefined ? [1, 2, 3, 4, 5, 6, 7, 25740696, 1874135198, 2138271852] : [Number(SEED)];

for (const seed of SEEDS)
  test(`seed ${seed}: an instance sees the requests of clients and no others, and each gets its own answer`, (t) =>
    checkWire(t, 500, seed));
