import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Principal } from '../../../src/hub/access/principal.ts';
import { Audit, describe, outcome } from '../../../src/hub/events/audit.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-audit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const who: Principal = {
  name: 'ci',
  address: '10.0.0.1',
  rights: new Set(),
  repo: null,
  expires: null,
  isValid: () => true,
};
const loud = (line: string) => assert.fail(line);

test('it says who did what, when, and what came of it, also when it was refused', async () => {
  const audit = new Audit(dir, loud);
  await audit.around(who, 'stop', { grace: 5 }, async () => ({ drones: {} }));
  const refused = audit.around(who, 'exec.start', {}, async () => {
    throw new Error("the token 'ci' lacks the right 'exec'");
  });
  await assert.rejects(refused);
  await audit.flush();
  const entries = await new Audit(dir, loud).read(10);
  for (const { time } of entries) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  const by = { who: 'ci', address: '10.0.0.1' };
  assert.deepEqual(
    entries.map(({ time, ...rest }) => rest),
    [
      { ...by, call: 'stop', grace: 5, result: 'ok' },
      { ...by, call: 'exec.start', result: "the token 'ci' lacks the right 'exec'" },
    ],
  );
  assert.equal(statSync(join(dir, 'audit.jsonl')).mode & 0o777, 0o600);
});

test('no value of the environment is in it, and no parameter passes for who did it', async () => {
  const audit = new Audit(dir, loud);
  const env = { PASSWORD: 'hunter2', TOKEN: 'hunter2' };
  audit.write(
    who,
    'spawn',
    { env, key: 'hunter2', stdin: 'hunter2', who: 'root', result: 'fine', time: '1970' },
    'ok',
  );
  await audit.flush();
  const text = readFileSync(join(dir, 'audit.jsonl'), 'utf8');
  assert.doesNotMatch(text, /hunter2|root|fine|1970/);
  assert.deepEqual(describe({ env, repo: 'x' }), { env: ['PASSWORD', 'TOKEN'], repo: 'x' });
});

test('what drones answered is in it: the first that failed', () => {
  assert.equal(outcome(null), 'ok');
  assert.equal(outcome({ drones: { web1: null, web2: { id: 'abcdef', error: null } } }), 'ok');
  const failed = { web1: null, web2: { code: 'EGIT', message: 'no' } };
  assert.equal(outcome({ drones: failed }), 'web2: no');
  assert.equal(outcome({ drones: { web1: { error: { message: 'not found' } } } }), 'web1: not found');
});

test('it is capped, and the newest entries are kept', async () => {
  const audit = new Audit(dir, loud, 10_000);
  for (let n = 0; n < 1_000; n++) {
    audit.write(who, 'stop', { n }, 'ok');
    if (n % 20 === 0) await audit.flush();
  }
  audit.write(who, 'spawn', { command: ['x'.repeat(100_000)] }, 'y'.repeat(5_000));
  const entries = await audit.read(2);
  assert.deepEqual(
    entries.map(({ call }) => call),
    ['stop', 'spawn'],
  );
  assert.equal(entries[0]?.['n'], 999);
  const sizes = ['audit.jsonl', 'audit.jsonl.1'].map((file) => statSync(join(dir, file)).size);
  for (const size of sizes) assert.ok(size < 20_000, `${size} bytes`);
});

test('a line that was cut off costs that line only', async () => {
  const first = new Audit(dir, loud);
  first.write(who, 'stop', { n: 1 }, 'ok');
  await first.flush();
  appendFileSync(join(dir, 'audit.jsonl'), '{"time":"2020');
  const second = new Audit(dir, loud);
  second.write(who, 'stop', { n: 2 }, 'ok');
  assert.deepEqual(
    (await second.read(10)).map(({ n }) => n),
    [1, 2],
  );
});

test('a disk that takes nothing is said, and does not keep anybody from working', async () => {
  const said: string[] = [];
  const audit = new Audit(join(dir, 'not', 'there'), (line) => said.push(line));
  assert.equal(await audit.around(who, 'stop', {}, async () => 'done'), 'done');
  await audit.flush();
  assert.match(said[0] ?? '', /cannot write .*audit\.jsonl: ENOENT/);
});
