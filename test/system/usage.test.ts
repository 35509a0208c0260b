import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { parsePageBytes, parseStat, sumUp, usageOf } from '../../src/system/usage.ts';

const stat = (pid: number, parent: number, session: number, ticks: number, pages: number) => ({
  ...{ pid, parent, session, ticks, pages },
});

test('a tree is its session and its descendants, and each process counts once', () => {
  const stats = [
    stat(1, 0, 1, 1000, 1000),
    stat(10, 1, 10, 100, 1),
    stat(11, 10, 10, 50, 2),
    stat(12, 11, 12, 25, 4), // It has left the session.
    stat(13, 1, 10, 5, 8), // Its parent has ended.
    stat(20, 1, 20, 7, 16),
  ];
  const usage = sumUp(stats, [10, 20, 99], 16_384);
  assert.deepEqual(usage.get(10), { cpuSeconds: 1.8, memoryBytes: 15 * 16_384 });
  assert.deepEqual(usage.get(20), { cpuSeconds: 0.07, memoryBytes: 16 * 16_384 });
  assert.equal(usage.has(99), false);
});

test('a line of /proc is read, whatever the program is called', () => {
  const fields = 'S 7 8 9 0 -1 4194560 1 0 0 0 30 12 0 0 20 0 1 0 500 1000000 256 18446744073709551615';
  assert.deepEqual(parseStat(`42 (a) b (c)) ${fields}`), stat(42, 7, 9, 42, 256));
});

test('the size of a page is what the system says', () => {
  const mapping = '00400000-00452000 r-xp 00000000 08:02 173521 /usr/bin/node\nSize:  328 kB\n';
  assert.equal(
    parsePageBytes(`${mapping}KernelPageSize:       64 kB\nMMUPageSize:          64 kB\n`),
    65_536,
  );
  assert.equal(parsePageBytes(''), 4096);
});

test('what a real process uses is seen', { skip: process.platform !== 'linux' }, async (t) => {
  const script = `const room = Buffer.alloc(64 << 20, 1); console.log('ready'); setInterval(() => room[0]++, 1000)`;
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const usage = usageOf([child.pid ?? 0]).get(child.pid ?? 0);
  assert.ok(usage && usage.memoryBytes > 64 << 20, JSON.stringify(usage));
  assert.ok(usage.cpuSeconds >= 0);
});
