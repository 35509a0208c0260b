import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { elsewhereText } from '../../../src/drone/instances/elsewhere.ts';

const LISTEN = `const server = require('node:net').createServer();
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

/** Starts a program in a session of its own, and waits until it prints a number. */
async function started(
  t: TestContext,
  command: string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ pid: number; printed: number }> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'], env });
  const { pid } = child;
  assert.ok(pid);
  t.after(() => process.kill(-pid, 'SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { pid, printed: Number(line) };
}

test('an instance that listens elsewhere is told so, also if a child of it does', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const inShell = ['sh', '-c', '"$0" -e "$1"; true', process.execPath, LISTEN];
  for (const command of [[process.execPath, '-e', LISTEN], inShell]) {
    const { pid, printed } = await started(t, command);
    assert.equal(
      elsewhereText('web.1', 1, pid),
      `web.1 listens on :${printed}, not on its $PORT 1; use process.env.PORT, or write port = ${printed}`,
    );
    assert.equal(elsewhereText('web.1', printed, pid), null);
  }
});

test('one that listens where the PORT of its environment says is told that', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const claim = createServer().listen(0, '127.0.0.1');
  await once(claim, 'listening');
  const { port } = claim.address() as AddressInfo;
  claim.close();
  await once(claim, 'close');
  const program = LISTEN.replace('listen(0', 'listen(Number(process.env.PORT)');
  const env = { ...process.env, PORT: String(port) };
  const { pid } = await started(t, [process.execPath, '-e', program], env);
  assert.equal(
    elsewhereText('web.1', 1, pid),
    `web.1 listens on :${port}, which its environment has as PORT, not on its own port 1; leave PORT out, or write port = ${port}`,
  );
});

test('nothing is said of one that listens nowhere, or is gone', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const { pid } = await started(t, ['sh', '-c', 'echo 1; exec sleep 300']);
  assert.equal(elsewhereText('web.1', 1, pid), null);
  assert.equal(elsewhereText('web.1', 1, 2 ** 30), null);
});
