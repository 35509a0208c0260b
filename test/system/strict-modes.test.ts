import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createDrone, createHub } from '../../src/index.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import { demandPrivate, replacersOf, writersOf } from '../../src/system/strict-modes.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('others are everybody, and every group but the own one', () => {
  const table: [number, number, string][] = [
    [0o755, 100, ''],
    [0o700, 100, ''],
    [0o775, 7, ''],
    [0o775, 100, 'g'],
    [0o757, 7, 'o'],
    [0o777, 7, 'o'],
    [0o1777, 100, 'go'],
  ];
  for (const [mode, gid, who] of table) assert.equal(writersOf({ mode, gid }, 7), who, mode.toString(8));
});

test('a group that others are in is not the own one', () => {
  assert.equal(writersOf({ mode: 0o775, gid: 7 }, null), 'g');
});

test('whoever can write to a directory above, unless it is sticky, can replace what is in it', () => {
  const table: [number, number, string][] = [
    [0o755, 1_000, ''],
    [0o777, 0, 'o'],
    [0o1777, 0, ''],
    [0o3777, 1_000, ''],
    [0o775, 1_000, 'g'],
    [0o775, 1_007, ''],
    [0o775, 50, ''],
    [0o777, 1_000, 'go'],
  ];
  for (const [mode, gid, who] of table)
    assert.equal(replacersOf({ mode, gid }, 1_007), who, mode.toString(8));
});

test('a directory is refused if others can replace it, also through a link', (t) => {
  const above = temporaryFolder(t);
  const dir = join(above, 'parent/state');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  symlinkSync(dir, join(above, 'link'));
  demandPrivate(dir, []);
  chmodSync(join(above, 'parent'), 0o777);
  for (const path of [dir, join(above, 'link')])
    assert.throws(() => demandPrivate(path, []), {
      code: 'ECONFIG',
      message: /parent, and so replace .*state: chmod o-w .*parent$/,
    });
  chmodSync(join(above, 'parent'), 0o1777);
  demandPrivate(dir, []);
});

test('a directory that an access control list opens to others is refused', (t) => {
  const dir = temporaryFolder(t);
  chmodSync(dir, 0o770);
  demandPrivate(dir, []);
  const { error, status } = spawnSync('setfacl', ['-m', 'u:65534:rwx', dir]);
  if (error || status !== 0) return t.skip('there is no setfacl here');
  assert.throws(() => demandPrivate(dir, []), { code: 'ECONFIG', message: /: chmod g-w / });
});

test('a directory that others can write to is refused with the chmod to run, and so are folders in it', (t) => {
  const dir = temporaryFolder(t);
  mkdirSync(join(dir, 'run'));
  mkdirSync(join(dir, 'log'));
  demandPrivate(dir, ['run', 'log', 'repos']);
  chmodSync(join(dir, 'run'), 0o777);
  chmodSync(join(dir, 'log'), 0o777);
  const refused = (what: string) => ({ code: 'ECONFIG', message: new RegExp(`: chmod o-w ${what}$`) });
  assert.throws(
    () => demandPrivate(dir, ['run', 'log', 'repos']),
    refused(`${join(dir, 'run')} ${join(dir, 'log')}`),
  );
  demandPrivate(dir, ['repos']);
  chmodSync(dir, 0o777);
  assert.throws(() => demandPrivate(dir, []), refused(dir));
});

test('hub, drone and proxy do not start where others can write', async (t) => {
  const dir = temporaryFolder(t);
  chmodSync(dir, 0o777);
  const refused = { code: 'ECONFIG', message: /chmod o-w / };
  await assert.rejects(createHub({ dir, port: 0, host: '127.0.0.1', secret: 's' }), refused);
  await assert.rejects(createDrone({ dir, hub: '127.0.0.1:9', secret: 's' }), refused);
  const follow = () => Promise.resolve();
  await assert.rejects(createProxy({ dir, listen: { port: 0 }, follow, log: () => {} }), refused);
});
