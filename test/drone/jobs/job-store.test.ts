import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newJobRecord } from '../../../src/drone/jobs/job.ts';
import { JobStore } from '../../../src/drone/jobs/job-store.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { jobOf } from '../../fixtures/workshop.ts';

function stored(t: TestContext) {
  const dir = temporaryFolder(t);
  const said: string[] = [];
  const store = new JobStore(dir, (line) => said.push(line));
  const file = (name: string, text = '') => {
    mkdirSync(join(dir, 'job'), { recursive: true });
    writeFileSync(join(dir, 'job', name), text);
  };
  return { dir, said, store, file };
}
const record = newJobRecord({ ...jobOf('webapp', 'c'.repeat(40), 'true'), directory: null }, 1);
const { id } = record.job;

test('the next drone finds the jobs of this one, and only these', (t) => {
  const { said, store, file } = stored(t);
  assert.deepEqual(store.load(), [], 'a new drone has none');
  store.write(record);
  file('notes.json', '{}');
  file(`${id}.exit`, '0\n');
  assert.deepEqual(store.load(), [record]);
  assert.deepEqual(said, []);
});

test('a record that cannot be read is put aside and reported, and the others are read', (t) => {
  const { dir, said, store, file } = stored(t);
  store.write(record);
  file('000000.json', '{"job": 1}');
  assert.deepEqual(store.load(), [record]);
  assert.ok(existsSync(join(dir, 'job/000000.json.broken')));
  assert.match(said.join(), /000000\.json cannot be read: /);
});

test('how a job has ended is unknown until the shell around it has written that', (t) => {
  const { store, file } = stored(t);
  assert.equal(store.readExit(id), null);
  file(`${id}.exit`, '3\n');
  assert.equal(store.readExit(id), '3\n');
});

test('an exit status that is not in a file is unknown', (t) => {
  const { dir, store } = stored(t);
  store.write(record);
  execFileSync('mkfifo', [join(dir, 'job', `${id}.exit`)]);
  assert.equal(store.readExit(id), null);
});

test('a job is removed with all its files', (t) => {
  const { dir, store, file } = stored(t);
  store.write(record);
  for (const name of [`${id}.exit`, `${id}.exit.new`, '000000.exit']) file(name);
  store.remove(id);
  store.remove(id);
  assert.deepEqual(readdirSync(join(dir, 'job')), ['000000.exit']);
});

test('if the folder cannot be read, that is an error: jobs must not be taken for finished', (t) => {
  const { dir, store } = stored(t);
  writeFileSync(join(dir, 'job'), '');
  assert.throws(() => store.load(), { code: 'EIO' });
});
