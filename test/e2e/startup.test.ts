import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createHub } from '../../src/index.ts';
import { BIN } from '../fixtures/real-fleet.ts';

/** Parts of node that a command over a plain connection has no use for. */
const NOT_NEEDED =
  /^(crypto|_?tls|https?|_http_\w+|zlib|fs\/promises|os|perf_hooks|readline|child_process)\b/;

/** Returns what a program has loaded: parts of node, and the kilobytes of its own files. */
async function loadedBy(...args: string[]): Promise<{ parts: string[]; kilobytes: number }> {
  const script = `const fs = require('node:fs');
  const files = new Set();
  const read = fs.readFileSync;
  fs.readFileSync = (path, ...more) => (/\\/dist\\//.test(path) && files.add(path), read(path, ...more));
  process.on('exit', () => {
    const { statSync, writeSync } = fs;
    const parts = process.moduleLoadList.flatMap((one) => /^NativeModule (.*)/.exec(one)?.[1] ?? []);
    const kilobytes = [...files].reduce((sum, file) => sum + statSync(file).size, 0) / 1000;
    writeSync(2, '\\n' + JSON.stringify({ parts, kilobytes }) + '\\n');
  });`;
  const preload = join(dir, 'preload.cjs');
  writeFileSync(preload, script);
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--require', preload, ...args],
      { cwd: dir, env: { HOME: dir } },
      (_, __, stderr) => {
        const report = stderr.trim().split('\n').at(-1) ?? '';
        if (report.startsWith('{')) resolve(JSON.parse(report));
        else reject(new Error(stderr));
      },
    );
  });
}

const dir = mkdtempSync(join(tmpdir(), 'fleet-startup-'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('fleet version loads nothing of node but what compiles it, and none of the other commands', async () => {
  const bare = await loadedBy('--eval', '0');
  await loadedBy(BIN, 'version'); // It is compiled, and kept.
  const { parts, kilobytes } = await loadedBy(BIN, 'version');
  assert.deepEqual(
    parts.filter((part) => !bare.parts.includes(part) && part !== 'vm'),
    [],
  );
  assert.ok(kilobytes < 30, `${kilobytes} kB`);
});

test('a command over a plain connection loads no TLS, HTTP or cryptography', async (t) => {
  const hub = await createHub({ dir: join(dir, 'hub'), port: 0, gport: 0, secret: 's' });
  t.after(() => hub.close());
  const bare = await loadedBy('--eval', '0');
  const target = [`--hub=127.0.0.1:${hub.port}`, '--secret=s'];
  for (const [name = '', ...words] of [['ps'], ['stop', '1e99f4']]) {
    const { parts, kilobytes } = await loadedBy(BIN, name, ...target, ...words);
    const own = parts.filter((part) => !bare.parts.includes(part));
    assert.ok(own.includes('net'), 'it has connected');
    assert.deepEqual(
      own.filter((part) => NOT_NEEDED.test(part)),
      [],
      name,
    );
    assert.ok(kilobytes < 480, `${name}: ${kilobytes} kB`);
  }
});
