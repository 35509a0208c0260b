import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../fixtures/root.ts';
import { Running } from '../fixtures/running.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleet-demo-test-'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('the demo leaves no process and no file behind when Ctrl-C ends it', async () => {
  // A group of its own: Ctrl-C reaches the hub and the drones as well.
  const child = spawn('bash', ['example/demo.sh', '--fleet=bin/fleet.js'], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'exit');
  const demo = new Running(child);
  const group = -demo.pid;
  try {
    await demo.printed(/^v1 live /m, 0, 60_000);
    process.kill(group, 'SIGINT');
    assert.deepEqual(await exited, [130, null]);
    // Where Node keeps compiled code it leaves a folder of its own.
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.startsWith('fleet-')),
      [],
    );
    assert.throws(() => process.kill(group, 0), { code: 'ESRCH' });
  } finally {
    // It cleans up after itself, what its drones have started included.
    if (child.exitCode === null) process.kill(group, 'SIGINT');
    await exited;
  }
});
