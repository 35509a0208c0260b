import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Findings, next, type Seen, type Want } from '../../../src/drone/releases/next.ts';
import type { Prepared, ReleaseRecord, ReleaseState } from '../../../src/drone/releases/release.ts';

const NOW = 'this boot';
const record = (state: ReleaseState, boot = NOW): ReleaseRecord => ({
  version: 1,
  state,
  directory: 'webapp.c',
  at: 0,
  boot,
  why: null,
  prepared: 'no',
  job: null,
  builtAt: null,
  byHandAt: null,
});
const READY = record('ready');
const OTHER_BOOT = record('ready', 'another boot');
const prepared = (how: Prepared, job: string | null = null, boot = NOW): ReleaseRecord => ({
  ...record('ready', boot),
  prepared: how,
  job,
});
const LINKED = prepared('linked');
const BUILDING = prepared('linked', 'abcdef');
const BUILT = prepared('built', 'abcdef');
const BUILT_BEFORE_BOOT = prepared('built', 'abcdef', 'another boot');

const NOTHING: Seen = {
  ...{ isThere: false, isFetched: false, isTracked: false, findings: null, boot: NOW },
  ...{ isNeedy: true, isInUse: false, isToBuild: true, build: null },
};
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

  ['an app starts, and nothing is there', 'built', null, NOTHING, 'fetch'],
  ['its objects have come for the app', 'built', record('fetched'), MISSING, 'checkout'],
  ['a fresh checkout is prepared', 'built', record('checked-out'), THERE, 'link'],
  ['a checkout that was deployed is prepared', 'built', READY, THERE, 'link'],
  ['a deployed one that something runs from', 'built', READY, { ...THERE, isInUse: true }, 'checkout'],
  [
    'one that something runs from, and which needs nothing',
    'built',
    READY,
    { ...THERE, isInUse: true, isNeedy: false },
    'link',
  ],
  ['a deployed one is looked at first after another boot', 'built', OTHER_BOOT, THERE, 'check'],
  ['and is whole', 'built', OTHER_BOOT, found([]), 'link'],
  ['and has empty files', 'built', OTHER_BOOT, found(['a'], ['a']), 'restore a'],
  ['it is linked, and has a build', 'built', LINKED, THERE, 'build'],
  ['it is linked, and has none', 'built', LINKED, { ...THERE, isToBuild: false }, 'accept'],
  ['its build runs', 'built', BUILDING, { ...THERE, build: 'running' }, 'wait'],
  ['its build is done', 'built', BUILDING, { ...THERE, build: 'ok' }, 'accept'],
  ['its build has failed', 'built', BUILDING, { ...THERE, build: 'failed' }, 'checkout'],
  ['nobody knows how its build ended', 'built', BUILDING, THERE, 'checkout'],
  ['it is built', 'built', BUILT, THERE, 'done'],
  ['it is built, and something runs from it', 'built', BUILT, { ...THERE, isInUse: true }, 'done'],
  ['it is built, and gone', 'built', BUILT, MISSING, 'checkout'],
  ['it is built, and looked at after another boot', 'built', BUILT_BEFORE_BOOT, THERE, 'check'],
  ['it is whole after another boot', 'built', BUILT_BEFORE_BOOT, found([]), 'done'],
  ['it has empty files after another boot', 'built', BUILT_BEFORE_BOOT, found(['a'], ['a']), 'restore a'],
  [
    'it is built, and what the build left is not known any more',
    'built',
    BUILT_BEFORE_BOOT,
    { ...THERE, isTracked: false },
    'done',
  ],
  ['the same, for a deploy', 'whole', BUILT, { ...THERE, isTracked: false }, 'checkout'],
  ['a deploy of what is built', 'whole', BUILT, THERE, 'check'],
  ['a deploy of what is being built', 'whole', BUILDING, { ...THERE, build: 'running' }, 'done'],
  ['a deploy of what could not be built', 'whole', BUILDING, { ...THERE, build: 'failed' }, 'done'],
  ['a start by hand from what is being built', 'present', BUILDING, { ...THERE, build: 'running' }, 'done'],
  ['a forced deploy of what is built', 'new', BUILT, THERE, 'checkout'],
];

for (const [what, want, before, seen, expected] of TABLE) {
  test(`${what}: ${expected}`, () => {
    const step = next(want, before, seen);
    const files = step?.do === 'restore' ? ` ${step.files.join(' ')}` : '';
    assert.equal(`${step?.do ?? 'done'}${files}`, expected);
  });
}

test('in any state, a few steps lead to a checkout that is built or waits for its build', () => {
  const either = [false, true];
  const records = [null, READY, OTHER_BOOT, LINKED, BUILDING, BUILT, BUILT_BEFORE_BOOT, record('failed')];
  for (const before of records)
    for (const isThere of either)
      for (const isFetched of either)
        for (const isTracked of either)
          for (const isToBuild of either)
            for (const build of ['running', 'ok', 'failed', null] as const) {
              let known: ReleaseRecord | null = before;
              let seen: Seen = { ...NOTHING, isThere, isFetched, isTracked, isToBuild, build };
              const steps: string[] = [];
              for (let step = next('built', known, seen); step; step = next('built', known, seen)) {
                steps.push(step.do);
                assert.ok(steps.length <= 6, `${JSON.stringify(before)}: ${steps}`);
                if (step.do === 'build' || step.do === 'wait') break;
                if (step.do === 'fetch') seen = { ...seen, isFetched: true };
                if (step.do === 'track') seen = { ...seen, isTracked: true };
                if (step.do === 'check' || step.do === 'restore')
                  seen = { ...seen, findings: { changed: [], emptied: [], isOccupied: false } };
                if (step.do === 'checkout') {
                  known = record('checked-out');
                  seen = { ...seen, isThere: true, isTracked: true, findings: null, build: null };
                }
                if (step.do === 'link') known = LINKED;
                if (step.do === 'accept') known = BUILT;
              }
            }
});

test('whatever is observed, a few steps lead to an end', () => {
  const either = [false, true];
  const states = [null, READY, OTHER_BOOT, record('fetched'), record('checked-out'), record('failed')];
  for (const want of ['present', 'whole', 'new'] as const)
    for (const before of states)
      for (const isThere of either)
        for (const isFetched of either)
          for (const isTracked of either)
            for (const isOccupied of either) {
              let seen: Seen = { ...NOTHING, isThere, isFetched, isTracked };
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
