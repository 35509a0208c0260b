import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { MinFree } from '../../../src/drone/min-free.ts';
import { releaseOf } from '../../../src/drone/releases/release.ts';
import { Room } from '../../../src/drone/releases/room.ts';
import { NO_SMALL_DISK, smallDisk } from '../../fixtures/small-disk.ts';

const release = releaseOf('webapp', 'a'.repeat(40));

/** A room on a disk of 10 MiB. */
function roomOn(t: TestContext, minFree: MinFree) {
  const disk = smallDisk(t, '10m');
  const write = (name: string, bytes: number) => writeFileSync(join(disk, name), Buffer.alloc(bytes));
  const room = new Room({ minFree, name: () => 'web1' });
  /** Fetches that many bytes, unless it is stopped; returns how many times it was begun. */
  const fetch = (bytes: number) => {
    let begun = 0;
    const fetched = room.fetch(release, join(disk, 'repos/webapp.git'), async (signal) => {
      begun++;
      write('pack', bytes);
      if (bytes < 5_000_000) return;
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    return fetched.then(() => begun).finally(() => rmSync(join(disk, 'pack'), { force: true }));
  };
  return { disk, room, write, fetch };
}

test('a checkout is refused if it would leave less than is kept free', { skip: NO_SMALL_DISK }, (t) => {
  const { disk, room, write } = roomOn(t, '10%');
  room.checkout(join(disk, 'deploy'), { files: 1, bytes: 9_400_000 });
  assert.throws(() => room.checkout(join(disk, 'deploy'), { files: 1, bytes: 9_500_000 }), {
    code: 'EIO',
    message:
      'checkout: web1 has 10.5 MB free; the commit needs 9.5 MB and --min-free keeps 1.0 MB; fleet prune may free some',
  });
  write('logs', 5_000_000);
  assert.throws(() => room.checkout(join(disk, 'deploy'), { files: 1, bytes: 4_700_000 }), {
    message: /^checkout: web1 has 5\.5 MB free; /,
  });
  new Room({ minFree: 0, name: () => 'web1' }).checkout(join(disk, 'deploy'), { files: 1, bytes: 5_000_000 });
});

test('a fetch that leaves less than is kept free is ended, and then not even begun until there is more room', {
  skip: NO_SMALL_DISK,
}, async (t) => {
  const { disk, fetch, write } = roomOn(t, 2_000_000);
  write('logs', 1_000_000);
  const message =
    'fetch: web1 has 9.5 MB free; the commit needs more than 8.0 MB and --min-free keeps 2.0 MB; fleet prune may free some';
  await assert.rejects(fetch(8_000_000), { code: 'EIO', message });
  await assert.rejects(fetch(1), { code: 'EIO', message });
  rmSync(join(disk, 'logs'));
  assert.equal(await fetch(1), 1);
});

test('nothing is fetched to a disk that is too full already', { skip: NO_SMALL_DISK }, async (t) => {
  const { fetch, write } = roomOn(t, 2_000_000);
  write('logs', 9_000_000);
  const message = 'fetch: web1 has 1.5 MB free; --min-free keeps 2.0 MB; fleet prune may free some';
  await assert.rejects(fetch(1), { code: 'EIO', message });
});
