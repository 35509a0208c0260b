import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { createDrone } from '../../src/drone/create-drone.ts';
import { acquireLock } from '../../src/system/lock.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a drone that could never work is refused before anything is written', async (t) => {
  const dir = temporaryFolder(t);
  for (const options of [
    { hub: '127.0.0.1:70000', dir },
    { hub: '127.0.0.1:1', name: 'web/1', dir },
  ])
    await assert.rejects(createDrone(options), { code: 'EUSAGE' });
  assert.deepEqual(readdirSync(dir), []);
});

test('a second drone of a directory is refused', async (t) => {
  const dir = temporaryFolder(t);
  const lock = await acquireLock(`${dir}/drone.lock`, 'a drone');
  t.after(() => lock.release());
  await assert.rejects(createDrone({ hub: '127.0.0.1:1', dir }), { code: 'EINUSE' });
});
