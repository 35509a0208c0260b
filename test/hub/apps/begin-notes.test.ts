import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppFile } from '../../../src/app-file/app-file.ts';
import { newApp } from '../../../src/hub/apps/app-record.ts';
import { beginNotes } from '../../../src/hub/apps/begin-notes.ts';
import { makeApp, makeDrone, makeRelease, makeWorld } from './records.ts';

const toml = `[services.web]
command = "node web.js"
count = 4
host = ["example.com"]
[services.worker]
command = "node worker.js"
`;
const file = parseAppFile({ toml, procfile: null, stage: null });

test('a release that is as its fleet.toml says begins without a word', () => {
  assert.deepEqual(beginNotes(makeApp([]), makeRelease(1), file, makeWorld([makeDrone('d1')])), []);
});

test('what is kept, scaled or lost is said, each in a line', () => {
  const app = makeApp([], { scale: { web: 6 } });
  const world = makeWorld([makeDrone('d1'), makeDrone('d2', { isConnected: false })]);
  assert.deepEqual(beginNotes(app, makeRelease(2, { keeps: { worker: 1 } }), file, world), [
    'worker is not restarted',
    'web 6 (scaled; fleet.toml: 4)',
    'd2 is lost, and left out; it catches up when it comes back',
  ]);
});

test('a stage is told which hosts it does not get', () => {
  const stage = newApp('webapp', 'pr-1');
  assert.deepEqual(beginNotes(stage, makeRelease(1), file, makeWorld([])), [
    'example.com is not for stages: it has no {app} in it',
  ]);
});
