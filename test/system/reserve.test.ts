import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Reserve, spareFile } from '../../src/system/reserve.ts';
import { removeDurably, writeDurably, writeWhole } from '../../src/system/write-whole.ts';
import { fill, free, mountSmall, NO_SMALL_DISK, smallDisk } from '../fixtures/small-disk.ts';

/** A daemon's directory, with its reserve, on a disk of 4 MiB. */
function onDisk(t: TestContext): { dir: string; reserve: Reserve; problems: string[] } {
  const dir = join(smallDisk(t, '4m'), 'web1');
  mkdirSync(join(dir, 'run'), { recursive: true });
  const problems: string[] = [];
  const reserve = new Reserve(dir, (line) => problems.push(line));
  t.after(() => reserve.close());
  return { dir, reserve, problems };
}

const held = (dir: string) => readdirSync(join(dir, 'reserve')).sort();

test('on a full disk, files are written all the same: parts of the reserve are given up, and that is reported once', {
  skip: NO_SMALL_DISK,
}, (t) => {
  const { dir, reserve, problems } = onDisk(t);
  const path = join(dir, 'run/1e99f4.json');
  writeDurably(path, 'old');
  reserve.look();
  const whole = held(dir);
  assert.equal(whole.length, 9);
  for (const write of [writeDurably, writeWhole]) {
    fill(dir);
    write(path, 'x'.repeat(5000));
    assert.equal(readFileSync(path, 'utf8').length, 5000);
    assert.deepEqual(readdirSync(join(dir, 'run')), ['1e99f4.json']);
  }
  removeDurably(path);
  assert.ok(held(dir).length < whole.length);
  assert.ok(held(dir).length > 4, 'one write does not take all of it');
  reserve.look();
  assert.equal(problems.length, 1);
  assert.match(
    problems[0] ?? '',
    /^the disk of .*web1 is full \(.* free\): the reserve is being used up; free some space$/,
  );

  free(dir);
  reserve.look();
  assert.deepEqual(held(dir), whole);
  assert.match(problems.slice(1).join('\n'), /^there is room on the disk of .*web1 again$/);
});

test('when the reserve is used up, or the write is too large for it, the error is that of the disk', {
  skip: NO_SMALL_DISK,
}, (t) => {
  const { dir, reserve } = onDisk(t);
  reserve.look();
  fill(dir);
  const path = join(dir, 'run/1e99f4.json');
  assert.throws(() => writeDurably(path, Buffer.alloc(1_000_000)), { code: 'EIO', message: /ENOSPC/ });
  assert.deepEqual(readdirSync(join(dir, 'run')), []);
  assert.deepEqual(held(dir), ['spare'], 'what others may need is not used for this');
});

test('a reserve is for its own directory only', { skip: NO_SMALL_DISK }, (t) => {
  const { dir, reserve } = onDisk(t);
  reserve.look();
  fill(dir);
  const whole = held(dir);
  const other = `${dir}-2`;
  mkdirSync(other);
  assert.throws(() => writeDurably(join(other, 'file'), 'text'), { code: 'EIO' });
  const elsewhere = join(dir, 'log');
  assert.equal(mountSmall(elsewhere, '64k'), null);
  fill(elsewhere);
  assert.throws(() => writeDurably(join(elsewhere, 'file'), 'text'), { code: 'EIO' });
  assert.deepEqual(held(dir), whole);
  assert.equal(spareFile(dir, elsewhere), '');
  assert.ok(existsSync(spareFile(dir, join(dir, 'run'))));
});

test('a reserve is not made on a disk that is nearly full, and what a power cut emptied is made again', {
  skip: NO_SMALL_DISK,
}, (t) => {
  const { dir, reserve, problems } = onDisk(t);
  fill(dir);
  reserve.look();
  assert.ok(!existsSync(join(dir, 'reserve')));
  assert.deepEqual(problems, []);
  free(dir);
  reserve.look();
  const file = spareFile(dir, dir);
  const { size } = statSync(file);
  truncateSync(file);
  reserve.look();
  assert.equal(statSync(file).size, size);
});
