import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEnvFiles } from '../../src/cli/env-file.ts';
import { makeDir } from './world.ts';

test('a file is read as node reads it, and of several the last one wins', (t) => {
  const dir = makeDir(t);
  writeFileSync(join(dir, '.env'), '# settings\nA=1\nexport B="two words"\nC=\n');
  writeFileSync(join(dir, 'more.env'), 'A=2\n');
  assert.deepEqual(readEnvFiles(['.env', join(dir, 'more.env')], dir), { A: '2', B: 'two words', C: '' });
  assert.deepEqual(readEnvFiles([], dir), {});
  assert.throws(() => readEnvFiles(['nope'], dir), { code: 'EIO', message: /^cannot read .*nope: ENOENT/ });
});

test('what cannot name a variable is an error that names the file', (t) => {
  const dir = makeDir(t);
  writeFileSync(join(dir, '.env'), 'A=1\nA-B=2\n');
  assert.throws(() => readEnvFiles(['.env'], dir), {
    code: 'EUSAGE',
    message: /\.env: 'A-B' cannot name a variable: letters, digits and _ only, no digit first$/,
  });
});
