import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepTrue, writeIfChanged } from '../../src/cli/endpoints-watch.ts';
import type { FollowOptions } from '../../src/client/traffic-types.ts';
import { fakeIo } from '../fixtures/io.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a file that cannot be written is named as it was given, with the reason', async (t) => {
  const path = join(temporaryFolder(t), 'none/upstreams.conf');
  await assert.rejects(writeIfChanged(path, 'a'), {
    code: 'EIO',
    message: `cannot write ${path}: ENOENT: no such file or directory`,
  });
});

test('who keeps a file true ends if it cannot be written at first, and goes on if that comes later', async (t) => {
  const dir = temporaryFolder(t);
  const watch = (path: string, body: (follow: FollowOptions) => Promise<void>) =>
    keepTrue({
      client: { followEndpoints: body },
      ...{ path, textOf: () => `${turns++}\n`, command: [], io: fakeIo({ cwd: dir, env: {} }) },
    });
  let turns = 0;
  const once = async ({ changed, signal }: FollowOptions) => {
    await changed({}, { drained: () => {} } as never);
    assert.ok(signal.aborted);
  };
  await assert.rejects(watch(join(dir, 'none/a'), once), { code: 'EIO' });
  const path = join(dir, 'b');
  const twice = async ({ changed, signal }: FollowOptions) => {
    await changed({}, { drained: () => {} } as never);
    mkdirSync(`${path}.${process.pid}.tmp`);
    await changed({}, { drained: () => {} } as never);
    assert.ok(!signal.aborted);
  };
  assert.equal(await watch(path, twice), 0);
  assert.equal(readFileSync(path, 'utf8'), '1\n');
});
