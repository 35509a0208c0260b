import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { VERSION } from '../src/protocol/version.ts';
import { BIN } from './fixtures/real-fleet.ts';
import { ROOT } from './fixtures/root.ts';

test('the command is a shell script and a script of Node, and neither prints anything of its own', () => {
  for (const command of [[BIN], ['sh', BIN], [process.execPath, BIN]]) {
    const { status, stdout, stderr } = spawnSync(command[0] ?? '', [...command.slice(1), 'version'], {
      encoding: 'utf8',
    });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: `${VERSION}\n`, stderr: '' });
  }
});

/** Gives the files that a file of the program loads, now or later, with those that these load. */
function partsOf(entry: string): string[] {
  const parts = new Set([entry]);
  for (const part of parts)
    for (const [, name = ''] of readFileSync(part, 'utf8').matchAll(/require\("(\.\.?\/[^"]+\.js)"\)/g))
      parts.add(join(dirname(part), name));
  return [...parts].filter((part) => part !== entry);
}

test('each part of the program loads, also those that few commands need', () => {
  const parts = partsOf(join(ROOT, 'dist/cli/main.js'));
  assert.ok(parts.length > 50);
  const load = `for (const file of ${JSON.stringify(parts)})
    try { require(file); } catch (error) { console.log(file, error.stack); }`;
  const { status, stdout } = spawnSync(process.execPath, ['-e', load], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [0, '']);
});
