import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { VERSION } from '../src/protocol/version.ts';
import { BIN } from './fixtures/real-fleet.ts';

test('the command is a shell script and a script of Node, and neither prints anything of its own', () => {
  for (const command of [[BIN], ['sh', BIN], [process.execPath, BIN]]) {
    const { status, stdout, stderr } = spawnSync(command[0] ?? '', [...command.slice(1), 'version'], {
      encoding: 'utf8',
    });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: `${VERSION}\n`, stderr: '' });
  }
});
