import assert from 'node:assert/strict';
import childProcess, { type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { startReceivePack } from '../../src/git/receive-service.ts';
import { eventually } from '../fixtures/local-fleet.ts';

test('each git that receives a push has its own environment, and this process keeps its own', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-receive-'));
  const { spawn } = childProcess;
  try {
    writeFileSync(join(dir, 'git'), `#!/bin/sh\necho "$*" >"$NOTES"\n/usr/bin/env >>"$NOTES"\n`);
    chmodSync(join(dir, 'git'), 0o755);
    const notes = ['one', 'two'].map((name) => join(dir, name));
    // In the same breath, as two who push at once may be.
    const started = notes.map((note) => {
      const streams = { input: new PassThrough().end(), output: new PassThrough().resume() };
      const env = { PATH: dir, NOTES: note };
      const command = (args: string[]) => ({ file: 'git', args, env });
      return startReceivePack(`${note}.git`, command, streams, (child: ChildProcess) =>
        child.stdin?.on('error', () => {}),
      );
    });
    assert.equal(childProcess.spawn, spawn);
    await Promise.all(started);
    assert.equal(childProcess.spawn, spawn);
    for (const note of notes) {
      const said = await eventually(() => readIfThere(note).match(/^NOTES=.*$/m) && readIfThere(note), note);
      assert.match(said, new RegExp(`^receive-pack --stateless-rpc ${note}.git\n`));
      const names = said
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split('=')[0]);
      assert.deepEqual(names.filter((name) => !/^(PWD|_|SHLVL|OLDPWD)$/.test(name ?? '')).sort(), [
        'NOTES',
        'PATH',
      ]);
      assert.match(said, new RegExp(`^NOTES=${note}$`, 'm'));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
