import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Findings, next, type Seen, type Want } from '../../../src/drone/releases/next.ts';
import type { ReleaseRecord, ReleaseState } from '../../../src/drone/releases/release.ts';

const NOW = 'this boot';
const record = (state: ReleaseState, boot = NOW): ReleaseRecord => ({
  version: 1,
  state,
  directory: 'webapp.c',
  at: 0,
  boot,
  why: null,
});
const READY = record('ready');
const OTHER_BOOT = record('ready', 'another boot');

const NOTHING: Seen = { isThere: false, isFetched: false, isTracked: false, findings: null, boot: NOW };
const MISSING: Seen = { ...NOTHING, isFetched: true };
const THERE: Seen = { ...NOTHING, isThere: true, isFetched: true, isTracked: true };
const found = (changed: string[], emptied: string[] = [], isOccupied = false): Seen => ({
  ...THERE,
  findings: { changed, emptied, isOccupied } satisfies Findings,
});

/** What is wanted, what is recorded, what is seen, and the step that follows. */
const TABLE: [string, Want, ReleaseRecord | null, Seen, string][] = [
  ['nothing is there', 'present', null, NOTHING, 'fetch'],
  ['nothing is there, for a deploy', 'whole', null, NOTHING, 'fetch'],
  ['its objects have come', 'present', record('fetched'), MISSING, 'checkout'],
  ['it failed before', 'present', record('failed'), MISSING, 'checkout'],
  ['somebody removed the directory', 'present', READY, MISSING, 'checkout'],
  ['somebody removed directory and mirror', 'present', READY, NOTHING, 'fetch'],

  ['a process starts', 'present', READY, THERE, 'done'],
  ['a process starts, and the mirror is gone', 'present', READY, { ...THERE, isFetched: false }, 'done'],
  ['the first start after another boot', 'present', OTHER_BOOT, THERE, 'check'],
  ['a deploy of what is there', 'whole', READY, THERE, 'check'],
  ['a forced deploy of what is there', 'new', READY, THERE, 'checkout'],
  ['a forced deploy without its objects', 'new', READY, { ...THERE, isFetched: false }, 'fetch'],

  ['an older fleet made it', 'present', null, { ...THERE, isTracked: false }, 'track'],
  ['an older fleet made it, and it was checked', 'present', null, found([]), 'done'],
  ['an older fleet made it, and its app changed it', 'present', null, found(['a']), 'done'],
  [
    'an older fleet made it, and its objects are gone: it has to do',
    'present',
    null,
    { ...THERE, isTracked: false, isFetched: false },
    'done',
  ],
  [
    'an older fleet made it, and its objects are gone: a deploy fetches them',
    'whole',
    null,
    { ...THERE, isTracked: false, isFetched: false },
    'fetch',
  ],

  ['all is whole', 'whole', READY, found([]), 'done'],
  ['files were changed', 'whole', READY, found(['a', 'b']), 'restore a b'],
  ['files were changed, and something runs there', 'whole', READY, found(['a'], [], true), 'checkout'],
  [
    'files were changed, and the mirror lacks them',
    'whole',
    READY,
    { ...found(['a']), isFetched: false },
    'fetch',
  ],
  ['after a boot, the app had changed files', 'present', OTHER_BOOT, found(['a']), 'done'],
  ['after a boot, files are empty', 'present', OTHER_BOOT, found(['a', 'b'], ['b']), 'restore b'],
  [
    'after a boot, files are empty, and something runs',
    'present',
    OTHER_BOOT,
    found(['b'], ['b'], true),
    'checkout',
  ],
  ['a drone was killed while it put files back', 'present', record('fetched'), THERE, 'check'],
  ['and some are still to be put back', 'present', record('fetched'), found(['a']), 'restore a'],
];

for (const [what, want, before, seen, expected] of TABLE) {
  test(`${what}: ${expected}`, () => {
    const step = next(want, before, seen);
    const files = step?.do === 'restore' ? ` ${step.files.join(' ')}` : '';
    assert.equal(`${step?.do ?? 'done'}${files}`, expected);
  });
}

test('whatever is observed, a few steps lead to an end', () => {
  const either = [false, true];
  const states = [null, READY, OTHER_BOOT, record('fetched'), record('checked-out'), record('failed')];
  for (const want of ['present', 'whole', 'new'] as const)
    for (const before of states)
      for (const isThere of either)
        for (const isFetched of either)
          for (const isTracked of either)
            for (const isOccupied of either) {
              let seen: Seen = { isThere, isFetched, isTracked, findings: null, boot: NOW };
              const steps: string[] = [];
              for (;;) {
                const step = next(want, before, seen);
                if (!step) break;
                steps.push(step.do);
                assert.ok(steps.length <= 4, `${want} ${JSON.stringify(before)}: ${steps}`);
                // A directory that was made or put back is the end of the way.
                if (step.do === 'checkout' || step.do === 'restore') break;
                if (step.do === 'fetch') seen = { ...seen, isFetched: true };
                if (step.do === 'track') seen = { ...seen, isTracked: true };
                if (step.do === 'check')
                  seen = { ...seen, findings: { changed: ['a'], emptied: [], isOccupied } };
              }
              if (isOccupied && seen.findings)
                assert.ok(!steps.includes('restore'), 'what runs is not touched');
            }
});
