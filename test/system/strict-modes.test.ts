import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createDrone, createHub } from '../../src/index.ts';
import { demandPrivate, writersOf } from '../../src/system/strict-modes.ts';
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

test('hub and drone do not start where others can write', async (t) => {
  const dir = temporaryFolder(t);
  chmodSync(dir, 0o777);
  const refused = { code: 'ECONFIG', message: /chmod o-w / };
  await assert.rejects(createHub({ dir, port: 0, host: '127.0.0.1', secret: 's' }), refused);
  await assert.rejects(createDrone({ dir, hub: '127.0.0.1:9', secret: 's' }), refused);
});
