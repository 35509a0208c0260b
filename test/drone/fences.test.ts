import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { Fences } from '../../src/drone/fences.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const quiet = (line: string) => assert.fail(line);

test('an order with a lower fence than one before it is refused, for this app only', (t) => {
  const fences = new Fences(temporaryFolder(t), quiet);
  fences.admit({ app: 'webapp', created: 10, count: 5 });
  fences.admit({ app: 'webapp', created: 10, count: 5 });
  const refused = () => fences.admit({ app: 'webapp', created: 10, count: 4 });
  assert.throws(refused, { code: 'ESTALE', message: /webapp .* fleet up or fleet rollback decides/ });
  fences.admit({ app: 'webapp@pr-12', created: 10, count: 4 });
  fences.admit({ app: 'webapp', created: 11, count: 1 });
  assert.throws(() => fences.admit({ app: 'webapp', created: 10, count: 9 }), { code: 'ESTALE' });
  assert.deepEqual(fences.highest(), {
    webapp: { created: 11, count: 1 },
    'webapp@pr-12': { created: 10, count: 4 },
  });
});

test('a drone that is killed right after it has taken an order refuses a lower one afterwards', (t) => {
  const dir = temporaryFolder(t);
  const program = `
    import { Fences } from ${JSON.stringify(resolve('src/drone/fences.ts'))};
    new Fences(${JSON.stringify(dir)}, console.error).admit({ app: 'webapp', created: 10, count: 5 });
    process.kill(process.pid, 'SIGKILL');
  `;
  writeFileSync(join(dir, 'admit.mts'), program);
  const { signal } = spawnSync(process.execPath, ['--import=tsx', join(dir, 'admit.mts')]);
  assert.equal(signal, 'SIGKILL');
  const after = new Fences(dir, quiet);
  assert.throws(() => after.admit({ app: 'webapp', created: 10, count: 4 }), { code: 'ESTALE' });
});

test('a fence that cannot be recorded is not taken', (t) => {
  const dir = temporaryFolder(t);
  const fences = new Fences(join(dir, 'gone'), quiet);
  assert.throws(() => fences.admit({ app: 'webapp', created: 10, count: 5 }), { code: 'EIO' });
  assert.deepEqual(fences.highest(), {});
});

test('a damaged file is put aside and said, and orders are taken', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'fences.json'), '{"apps": 7}');
  const said: string[] = [];
  const fences = new Fences(dir, (line) => said.push(line));
  fences.admit({ app: 'webapp', created: 1, count: 1 });
  assert.match(said.join('\n'), /^\S+fences\.json was damaged .* is now \S+fences\.json\.broken$/);
  assert.deepEqual(readdirSync(dir).sort(), ['fences.json', 'fences.json.broken']);
});
