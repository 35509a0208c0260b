import { converge } from '../src/hub/apps/converge.ts';
import { place, slotsOf } from '../src/hub/apps/placement.ts';

// planner.ts ROUNDS: prints the milliseconds of each round, as JSON, for bench/rows/planner.mjs.

const rounds = Number(process.argv[2]);
const places = Array.from({ length: 1_000 }, (_, at) => ({
  name: `drone${at}`,
  isConnected: true,
  processes: at % 7,
}));
const wanted = [{ service: 'web', count: 10_000, places, isAlone: false }];
const course = { release: 2, order: 'start-first', parallel: 2_500 } as const;
const placement = place({}, wanted);
const present = slotsOf(placement, 'web').map((slot) => ({
  ...{ ...slot, isGood: true, isLeaving: false },
  release: slot.slot % 2 === 0 ? 1 : 2,
}));

function time(work: () => unknown): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

const first = Array.from({ length: rounds }, () => time(() => place({}, wanted)));
const next = Array.from({ length: rounds }, () =>
  time(() => converge(slotsOf(place(placement, wanted), 'web'), present, course)),
);
process.stdout.write(JSON.stringify({ first, next }));
