import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Audit } from '../../../src/hub/audit/audit.ts';
import { EventLog } from '../../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../../src/hub/events/event-numbers.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-audit-'));
});
afterEach(async () => {
  for (const audit of made.splice(0)) await audit.close();
  rmSync(dir, { recursive: true, force: true });
});

const made: Audit[] = [];

const loud = (line: string): void => assert.fail(line);
const by = { who: 'ci', address: '10.0.0.1' };
const DAY_MS = 86_400_000;

/** An audit trail, and the log of events that it listens to. */
function makeAudit(maxBytes = 2 ** 30, log = loud, at = dir): { audit: Audit; events: EventLog } {
  const events = new EventLog(new EventNumbers(0, () => {}));
  const audit = new Audit(at, events, log, { maxBytes, maxAgeMs: 90 * DAY_MS });
  made.push(audit);
  return { audit, events };
}

const called = (call: string, parameters: Record<string, unknown> = {}) =>
  ({ ...parameters, type: 'called', call, ...by, result: 'ok' }) as const;

const current = () => join(dir, 'audit.jsonl');
const graces = async (audit: Audit) => (await audit.read(100)).map(({ grace }) => grace);

/** A trail on disk with entries of these graces, whose hub has ended. */
async function writtenWith(...graces: number[]): Promise<void> {
  const { audit, events } = makeAudit();
  for (const grace of graces) events.add(called('stop', { grace }));
  await audit.close();
}

test('it has calls and pushes, with who and when, and no other events', async () => {
  const { audit, events } = makeAudit();
  events.add(called('stop', { grace: 5 }));
  events.add({ type: 'joined', drone: 'web1', version: '1.0.0' });
  events.add({ type: 'deployed', drone: 'web1', repo: 'webapp', commit: 'c'.repeat(40) });
  const push = { repo: 'webapp', ref: 'refs/heads/main', commit: 'c'.repeat(40) };
  events.add({ type: 'pushed', ...push, ...by, accessor: '0a1b2c3d' });
  await audit.close();
  const entries = await makeAudit().audit.read(10);
  for (const { time } of entries) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assert.deepEqual(
    entries.map(({ time, hash, ...rest }) => rest),
    [
      { n: 1, ...by, call: 'stop', grace: 5, result: 'ok' },
      { n: 2, ...by, accessor: '0a1b2c3d', call: 'push', ...push, result: 'ok' },
    ],
  );
  assert.equal(statSync(current()).mode & 0o777, 0o600);
});

test('it is capped, and the newest entries are kept, page by page', async () => {
  const { audit, events } = makeAudit(40_000);
  for (let grace = 0; grace < 1_000; grace++) {
    events.add(called('stop', { grace }));
    if (grace % 20 === 0) await audit.flush();
  }
  events.add(called('spawn'));
  const entries = await audit.read(2);
  assert.deepEqual(
    entries.map(({ call }) => call),
    ['stop', 'spawn'],
  );
  assert.equal(entries[0]?.['grace'], 999);
  const [before] = await audit.read(1, entries[0]?.n);
  assert.equal(before?.['grace'], 998);
  await audit.close();
  const files = readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
  assert.ok(files.length > 2, files.join());
  const bytes = files.reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  assert.ok(bytes > 20_000 && bytes < 60_000, `${bytes} bytes`);
  assert.equal((await audit.verify()).fault, null);
  assert.equal((await makeAudit(40_000).audit.verify()).fault, null);
});

test('a line that is cut off costs only that line, and the next entry has its hash', async () => {
  await writtenWith(1);
  appendFileSync(current(), '{"time":"2020');
  const { audit, events } = makeAudit();
  events.add(called('stop', { grace: 2 }));
  assert.deepEqual(await graces(audit), [1, undefined, 2]);
  const { fault, entries, unchained } = await audit.verify();
  assert.deepEqual({ fault, entries, unchained }, { fault: null, entries: 3, unchained: 1 });
});

test('what is not a file is not read, and the hub does not start without its trail', () => {
  execFileSync('mkfifo', [current()]);
  const message = `${current()} is broken: it is not a file; move it away`;
  assert.throws(() => makeAudit(), { code: 'ECONFIG', message });
});

test('a damaged line costs only that line', async () => {
  await writtenWith(1);
  appendFileSync(current(), '0.5\nnull\n{}\n{"time":5}\n\0\0\0\n[]\n');
  const { audit, events } = makeAudit();
  events.add(called('stop', { grace: 2 }));
  assert.deepEqual(
    (await graces(audit)).filter((grace) => grace !== undefined),
    [1, 2],
  );
});

test('what an older fleet has written is read, and cannot be changed unnoticed from then on', async () => {
  const older = (grace: number) =>
    `{"time":"2026-01-01T00:00:00.000Z","grace":${grace},"who":"ci","address":"","call":"stop","result":"ok"}\n`;
  writeFileSync(`${current()}.1`, older(1));
  writeFileSync(current(), older(2));
  await writtenWith(3);
  const { audit } = makeAudit();
  assert.deepEqual(await graces(audit), [1, 2, undefined, 3]);
  assert.equal((await audit.verify()).fault, null);
  writeFileSync(current(), readFileSync(current(), 'utf8').replace('"grace":2', '"grace":9'));
  const { fault } = await audit.verify();
  assert.deepEqual([fault?.file, fault?.line, fault?.n], ['audit.jsonl', 1, null]);
});

test('entries that were removed from the end are noticed while the hub runs, and for good after its restart', async () => {
  await writtenWith(1, 2, 3);
  const said: string[] = [];
  const { audit } = makeAudit();
  const [first = ''] = readFileSync(current(), 'utf8').split('\n');
  writeFileSync(current(), `${first}\n`);
  const missing = { file: 'audit.jsonl', line: 2, n: 2, why: 'the entries 2 to 3 are missing' };
  assert.deepEqual((await audit.verify()).fault, missing);
  const { audit: later, events } = makeAudit(undefined, (line) => void said.push(line));
  assert.match(said.join(), /entries of the audit trail are missing/);
  events.add(called('stop', { grace: 4 }));
  assert.deepEqual((await later.verify()).fault, missing);
});

test('a trail whose oldest file was removed by somebody has a fault, and one without files too', async () => {
  const { audit, events } = makeAudit(40_000, () => {});
  for (let n = 0; n < 3; n++) {
    events.add(called('stop', { ids: 'x'.repeat(11_000) }));
    await audit.flush();
  }
  rmSync(join(dir, 'audit.1.jsonl'));
  assert.deepEqual(
    [(await audit.verify()).fault?.n, (await audit.verify()).fault?.why],
    [1, 'it is missing'],
  );
  for (const file of readdirSync(dir)) if (file.endsWith('.jsonl')) rmSync(join(dir, file));
  assert.equal((await audit.verify()).fault?.why, 'the entries 1 to 3 are missing');
});

test('a disk that takes no writes is reported, and stops nobody from working', async () => {
  const said: string[] = [];
  const { audit, events } = makeAudit(undefined, (line) => void said.push(line), join(dir, 'not', 'there'));
  events.add(called('stop'));
  await audit.flush();
  assert.match(said[0] ?? '', /cannot write the audit trail: ENOENT/);
});

test('entries that could not be written are counted in the next one', async () => {
  const said: string[] = [];
  const { audit, events } = makeAudit(undefined, (line) => void said.push(line));
  mkdirSync(current());
  events.add(called('stop', { grace: 1 }));
  await audit.flush();
  rmSync(current(), { recursive: true });
  events.add(called('stop', { grace: 2 }));
  assert.deepEqual(
    (await audit.read(9)).map(({ who, result }) => `${who} ${result}`),
    ['hub 1 entries could not be written', 'ci ok'],
  );
  assert.equal((await audit.verify()).fault, null);
});

test('a token whose calls wait for its budget is asked again whether it is valid', async () => {
  const { audit } = makeAudit();
  let isValid = true;
  const who = { name: 'ci', isValid: () => isValid };
  const entry = { characters: 10, until: new AbortController().signal };
  assert.equal(await audit.during(who, entry, () => 7), 7);
  isValid = false;
  await assert.rejects(
    audit.during(who, entry, () => 7),
    { code: 'EAUTH' },
  );
});
