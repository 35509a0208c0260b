import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogWatcher } from '../../../src/drone/logs/watcher.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

/** A watcher of a folder that counts how often it looked; `news` says what a look finds. */
function watching(t: TestContext, folder: string) {
  const seen = { looks: 0, news: false, problems: [] as string[] };
  const look = () => {
    seen.looks++;
    return seen.news;
  };
  const watcher = new LogWatcher(folder, look, (line) => seen.problems.push(line));
  t.after(() => watcher.close());
  return { seen, watcher };
}

/** Until it has looked so often; then nothing more must happen by itself. */
const quiet = (seen: { looks: number }) =>
  eventually(() => seen.looks >= 4, 'it has looked until all was quiet');

test('it looks until everything is quiet, and then whenever something is written', async (t) => {
  const folder = temporaryFolder(t);
  const { seen, watcher } = watching(t, folder);
  watcher.start();
  await quiet(seen);
  const before = seen.looks;
  writeFileSync(join(folder, '1e99f4.log'), 'one\n');
  await eventually(() => seen.looks > before, 'a look at what was written');
});

test('while something happens it polls, without listening', async (t) => {
  const { seen, watcher } = watching(t, temporaryFolder(t));
  seen.news = true;
  watcher.start();
  await eventually(() => seen.looks >= 8, 'many looks');
});

test('it looks at once if it is told to', async (t) => {
  const { seen, watcher } = watching(t, temporaryFolder(t));
  watcher.start();
  await quiet(seen);
  const before = seen.looks;
  watcher.wake();
  await eventually(() => seen.looks > before, 'a look');
});

test('if the system sends no notifications it polls, and this is reported once', async (t) => {
  const { seen, watcher } = watching(t, join(temporaryFolder(t), 'nowhere'));
  watcher.start();
  await eventually(() => seen.problems.length > 0, 'the problem');
  const before = seen.looks;
  await eventually(() => seen.looks > before + 1, 'looks all the same');
  assert.equal(seen.problems.length, 1);
  assert.match(
    seen.problems[0] ?? '',
    /^cannot watch .*nowhere \(ENOENT.*\): polling it every second instead$/,
  );
});

test('it never looks again once it is closed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const folder = temporaryFolder(t);
  const { seen, watcher } = watching(t, folder);
  seen.news = true;
  watcher.start();
  t.mock.timers.tick(100);
  const before = seen.looks;
  assert.ok(before > 0);
  watcher.close();
  watcher.wake();
  t.mock.timers.tick(10_000);
  assert.equal(seen.looks, before);
});
