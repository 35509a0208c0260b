import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type History, violations } from './history.ts';

const GOOD: History = {
  spawns: [
    { marker: 's1', id: 'aaaaaa', stopped: false },
    { marker: 's2', id: 'bbbbbb', stopped: true },
    { marker: 's3', id: null, stopped: false },
  ],
  releases: [{ release: 2, commit: 'c2' }],
  starts: [
    { what: 's1', process: '1' },
    { what: 's2', process: '2' },
    { what: 'webapp/1/worker/1', process: '3' },
    { what: 'webapp/2/worker/1', process: '4' },
  ],
  alive: new Set(['1', '4']),
  testimonies: ['h1', 'h2'].map((hub) => ({
    hub,
    running: { d1: ['aaaaaa', 'cccccc'] },
    releases: [
      { release: 2, commit: 'c2', state: 'live' },
      { release: 1, commit: 'c1', state: 'superseded' },
    ],
  })),
  instances: 1,
};

test('a run in which every promise was kept has no violations', () => {
  assert.deepEqual(violations(GOOD), []);
});

test('each broken promise is named', () => {
  const [first, second] = GOOD.testimonies;
  const cases: [Partial<History>, RegExp][] = [
    [{ starts: [...GOOD.starts, { what: 's1', process: '9' }] }, /s1 was started 2 times/],
    [
      { starts: [...GOOD.starts, ...['9', '10'].map((process) => ({ what: 's3', process }))] },
      /s3 was started 2 times/,
    ],
    [{ starts: GOOD.starts.slice(1) }, /s1 was acknowledged as aaaaaa and never started/],
    [{ alive: new Set(['4']) }, /s1 .* nobody stopped it, and it does not run/],
    [{ alive: new Set(['1', '2', '4']) }, /s2 was stopped as bbbbbb, and runs/],
    [{ testimonies: GOOD.testimonies.map((one) => ({ ...one, running: {} })) }, /h1 does not know s1/],
    [
      { testimonies: first && second ? [first, { ...second, running: {} }] : [] },
      /h2 and h1 do not say the same/,
    ],
    [{ testimonies: [] }, /no hub was asked/],
    [{ releases: [{ release: 2, commit: 'x' }] }, /h1 has c2 as v2, not x/],
    [{ releases: [{ release: 3, commit: 'x' }] }, /h2 does not know v3/],
    [
      {
        starts: [...GOOD.starts, { what: 'webapp/2/worker/1', process: '5' }],
        alive: new Set(['1', '4', '5']),
      },
      /runs 2 times/,
    ],
    [{ alive: new Set(['1', '3', '4']) }, /v2 is live, and these run too: webapp\/1/],
    [{ alive: new Set(['1']) }, /0 instances run, and not 1/],
  ];
  for (const [change, wrong] of cases) assert.match(violations({ ...GOOD, ...change }).join('; '), wrong);
});
