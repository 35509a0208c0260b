import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AccessLog } from '../../src/cli/access-log.ts';
import { fakeIo } from '../fixtures/io.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a log of requests has a line of JSON each, and is there before the first one', async (t) => {
  const dir = temporaryFolder(t);
  const log = AccessLog.of('access.log', fakeIo({ cwd: dir, env: {} }));
  const text = () => readFileSync(join(dir, 'access.log'), 'utf8');
  assert.equal(text(), '');
  log?.write({ path: '/a\u009b' });
  await eventually(() => text() !== '', 'a line');
  assert.deepEqual(JSON.parse(text()), { path: '/a\u009b' });
  log?.close();
});

test('a log that cannot be written is a mistake at once', (t) => {
  const dir = temporaryFolder(t);
  for (const name of ['none/access.log', '.'])
    assert.throws(() => AccessLog.of(name, fakeIo({ cwd: dir, env: {} })), {
      code: 'EIO',
      message: new RegExp(`^cannot write ${join(dir, name)}: E`),
    });
});
