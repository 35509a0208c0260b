import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyTo, copyWith } from '../../../src/hub/audit/copy.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const loud = (line: string): void => assert.fail(line);

test('lines go to a file, also after it was moved away', async (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, 'copy.jsonl');
  const copy = copyTo('copy.jsonl', dir, loud);
  copy.add(['{"n":1}\n', '{"n":2}\n']);
  await eventually(() => statSync(path, { throwIfNoEntry: false })?.size === 16, 'it is written');
  renameSync(path, `${path}.old`);
  copy.add(['{"n":3}\n']);
  await copy.close();
  assert.equal(readFileSync(path, 'utf8'), '{"n":3}\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('what cannot be copied is reported once, and counted when it can again', async (t) => {
  const dir = temporaryFolder(t);
  const said: string[] = [];
  const copy = copyTo('there/copy', dir, (line) => void said.push(line));
  copy.add(['1\n', '2\n']);
  await eventually(() => said.length > 0, 'it is reported');
  copy.add(['3\n']);
  copy.add(['x'.repeat(5 * 1024 * 1024)]);
  mkdirSync(join(dir, 'there'));
  await eventually(() => {
    copy.add(['4\n']);
    return said.length > 1;
  }, 'it is copied again');
  await copy.close();
  assert.match(said[0] ?? '', /^cannot copy the audit trail to .*there\/copy: ENOENT/);
  assert.match(said[1] ?? '', /again; \d+ entries are left out$/);
  assert.match(readFileSync(join(dir, 'there/copy'), 'utf8'), /^(3\n)?(4\n)+$/);
});

test('lines go to a program, which is started again if it ends', async (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, 'out');
  writeFileSync(path, '');
  const said: string[] = [];
  const copy = copyWith(
    ['sh', '-c', 'read -r line; echo "$line" >> "$0"', path],
    (line) => void said.push(line),
  );
  const out = () => readFileSync(path, 'utf8');
  copy.add(['1\n']);
  await eventually(() => out() === '1\n', 'the first line');
  await eventually(() => {
    copy.add(['2\n']);
    return out().includes('2\n');
  }, 'a line after it has ended');
  await copy.close();
});

test('a program that does not exist is reported', async () => {
  const said: string[] = [];
  const copy = copyWith(['no-such-logger'], (line) => void said.push(line));
  copy.add(['1\n']);
  await eventually(() => said.length > 0, 'it is reported');
  assert.match(said[0] ?? '', /^cannot copy the audit trail to no-such-logger: .*ENOENT/);
  await copy.close();
});

test('what was written has reached a program when the copy is closed', async (t) => {
  const path = join(temporaryFolder(t), 'out');
  const copy = copyWith(['sh', '-c', 'cat > "$0"', path], loud);
  copy.add(['1\n']);
  copy.add(['2\n']);
  await copy.close();
  await eventually(() => {
    try {
      return readFileSync(path, 'utf8') === '1\n2\n';
    } catch {
      return false;
    }
  }, 'both lines');
});
