import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecret } from '../../src/cli/secret.ts';
import { makeDir } from './world.ts';

test('a secret is the whole file without its final newline', (t) => {
  const file = join(makeDir(t), 'secret');
  const cases: [string, string][] = [
    ['beepboop\n', 'beepboop'],
    ['beepboop\r\n', 'beepboop'],
    [' two words \n\n', ' two words \n'],
    ['007', '007'],
  ];
  for (const [text, secret] of cases) {
    writeFileSync(file, text);
    assert.equal(readSecret(file), secret);
  }
  assert.equal(readSecret(undefined), undefined);
});

test('the error for a missing or empty file names it', (t) => {
  const file = join(makeDir(t), 'secret');
  assert.throws(() => readSecret(file), { code: 'ECONFIG', message: new RegExp(`from ${file}: ENOENT`) });
  writeFileSync(file, '\n');
  assert.throws(() => readSecret(file), {
    code: 'ECONFIG',
    message: `there is no secret in ${file}: the file is empty`,
  });
});
