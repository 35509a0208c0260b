import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { unblock } from '../../src/cli/unblocked.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { noTerminal } from '../fixtures/terminal.ts';

test('a process goes on while its terminal stands still', { skip: noTerminal }, async (t) => {
  const folder = temporaryFolder(t);
  // The function is the whole of its module, and does not use anything else.
  const code = `(${unblock})(process);
    process.stdout.write('x'.repeat(1_000_000));
    require('node:fs').writeFileSync('went-on', String(process.stdout.writableNeedDrain));`;
  const command = `node -e "$CODE"`;
  // Nobody reads what script(1) writes, so soon it does not read the terminal either.
  const terminal = spawn('script', ['-qfc', command, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, SHELL: '/bin/sh', CODE: code },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => terminal.kill('SIGKILL'));
  await eventually(() => existsSync(join(folder, 'went-on')), 'it goes on');
  await eventually(
    () => readFileSync(join(folder, 'went-on'), 'utf8') === 'true',
    'it knows that there is no room',
  );
});

test('a pipe is left as it is', () => {
  const stream = { isTTY: false, _handle: { setBlocking: () => assert.fail('it is a pipe') } };
  unblock({ stdout: stream, stderr: stream } as unknown as Parameters<typeof unblock>[0]);
});
