import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Exec } from '../../../src/drone/execs/exec.ts';
import type { ExecOptions } from '../../../src/drone/execs/exec-options.ts';
import { ProcessTable } from '../../../src/drone/processes/process-table.ts';
import type { LastExit } from '../../../src/protocol/process.ts';
import { eventually } from '../../fixtures/local-fleet.ts';

const MARK = 'feedfeedfeedfeed';

async function start(t: TestContext, script: string, more: Partial<ExecOptions> = {}) {
  const out: string[] = [];
  const acks: number[] = [];
  let ended = (_: LastExit) => {};
  const exit = new Promise<LastExit>((resolve) => {
    ended = resolve;
  });
  const exec = await Exec.start(
    {
      ...{ id: 'eeeeee', table: new ProcessTable(MARK), command: ['sh', '-c', script], cwd: '/' },
      env: { PATH: process.env['PATH'], FLEET_RUN: `${MARK}.eeeeee` },
      ...{ stdin: false, terminal: null, window: 65_536 },
      ...more,
    },
    {
      output: (stream, bytes) => out.push(`${stream} ${bytes}`),
      stdinAck: (n) => acks.push(n),
      exit: (one) => ended(one),
    },
  );
  t.after(() => exec.abandon());
  return { exec, out, acks, exit };
}

test('what a command prints comes by stream, and then how it has ended', async (t) => {
  const { out, exit } = await start(t, 'echo one; echo two >&2; exit 3');
  assert.deepEqual(await exit, { code: 3, signal: null });
  assert.deepEqual(out.sort(), ['stderr two\n', 'stdout one\n']);
});

test('a command that cannot be started is said so, and nothing is left of it', async (t) => {
  await assert.rejects(start(t, '', { command: ['no-such-program'] }), { code: 'ESPAWN' });
});

test('a command prints no more than its reader takes, and goes on when that has read', async (t) => {
  const script = 'head -c 1000000 /dev/zero';
  const { exec, out, exit } = await start(t, script, { window: 8 });
  await (await start(t, script, { id: 'ffffff', window: 10_000_000 })).exit;
  const bytes = () => out.reduce((sum, one) => sum + one.length - 'stdout '.length, 0);
  assert.ok(bytes() <= 200_000, `${bytes()} bytes, and nobody has read any`);
  const reading = setInterval(() => exec.ack(10_000_000), 1);
  t.after(() => clearInterval(reading));
  await exit;
  assert.equal(bytes(), 1_000_000);
});

test('a signal reaches the command and its children', async (t) => {
  const { exec, out, exit } = await start(t, 'sleep 300 & echo started; wait');
  await eventually(() => out.length > 0, 'it runs');
  exec.kill('SIGTERM');
  assert.deepEqual(await exit, { code: null, signal: 'SIGTERM' });
});

test('input is acknowledged when it is taken, also if nobody reads it any more', async (t) => {
  const { exec, acks, exit } = await start(t, 'head -c 3 >/dev/null', { stdin: true });
  exec.write(Buffer.from('abc'));
  exec.endInput();
  await exit;
  exec.write(Buffer.from('late'));
  await eventually(() => acks.length === 2, 'both are acknowledged');
  assert.deepEqual(acks, [3, 4]);
});

test('a command whose client is gone ends, and what it prints goes nowhere', async (t) => {
  const { exec, out, exit } = await start(
    t,
    'trap "echo late; exit 0" TERM; echo started; while :; do sleep 0.01; done',
  );
  await eventually(() => out.length > 0, 'it runs');
  await exec.abandon();
  await exit;
  assert.deepEqual(out, ['stdout started\n']);
});
