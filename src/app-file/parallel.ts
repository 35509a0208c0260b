import type { Parallel } from './types.ts';

/** Returns how many of `count` instances are replaced at a time: rounded down, 1 at least. */
export function parallelOf(service: { parallel: Parallel }, count: number): number {
  const { parallel } = service;
  if (typeof parallel === 'number') return parallel;
  return Math.max(1, Math.floor((count * parallel.percent) / 100));
}
