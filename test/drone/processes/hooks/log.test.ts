import assert from 'node:assert/strict';
import { fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Start } from '../../../../src/drone/processes/hooks/hook.ts';
import { logHook } from '../../../../src/drone/processes/hooks/log.ts';
import { FleetError } from '../../../../src/protocol/errors.ts';
import { eventually } from '../../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { SPEC } from '../../process-spec.ts';

const { signal } = new AbortController();

function hooked(t: TestContext, open?: () => number) {
  const path = join(temporaryFolder(t), 'log');
  // A drone's connection keeps its process up while it waits for the end of a pipe.
  const awake = setInterval(() => {}, 60_000);
  t.after(() => clearInterval(awake));
  const told: string[] = [];
  const hook = logHook({
    open: open ?? (() => openSync(path, 'a')),
    problem: (line) => told.push(line),
    endRun: (id) => told.push(`end of run ${id}`),
    stopped: (id) => told.push(`stopped ${id}`),
    spare: '',
  });
  const begin = async () => (await hook.beforeStart?.(SPEC, {} as Start, signal)) as Start;
  return { path, told, hook, begin };
}

test('what a process prints goes through a pipe to its log, and its end waits until it is there', async (t) => {
  const { path, hook, begin } = hooked(t);
  const start = await begin();
  assert.ok(typeof start.output === 'number');
  assert.ok(!fstatSync(start.output).isFile());
  writeSync(start.output, 'hello\n');
  hook.afterStart?.(start);
  assert.throws(() => fstatSync(start.output as number), { code: 'EBADF' });
  await start.taken?.();
  await eventually(() => readFileSync(path, 'utf8') === 'hello\n', 'it is in the log');
});

test('if the disk takes nothing, the process runs without a log; any other error is why it does not start', async (t) => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const { told, hook, begin } = hooked(t, () => {
    throw new FleetError('EIO', 'cannot open the log', { cause: full });
  });
  const start = await begin();
  assert.equal(start.output, 'ignore');
  assert.equal(start.taken, undefined);
  hook.afterStart?.(start);
  assert.deepEqual(told, ['cannot open the log']);
  const broken = new FleetError('EIO', 'too many open files');
  await assert.rejects(
    hooked(t, () => {
      throw broken;
    }).begin(),
    broken,
  );
});

test('a log is told when a run has ended, and when its process is gone', (t) => {
  const { told, hook } = hooked(t);
  hook.afterExit?.(SPEC, { code: 0, signal: null });
  hook.afterStop?.(SPEC);
  assert.deepEqual(told, ['end of run 1e99f4', 'stopped 1e99f4']);
});
