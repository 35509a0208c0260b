import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Audit } from '../../../src/hub/events/audit.ts';
import { EventLog } from '../../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../../src/hub/events/event-numbers.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-audit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const loud = (line: string): void => assert.fail(line);
const by = { who: 'ci', address: '10.0.0.1' };

/** An audit trail, and the log of events that it listens to. */
function makeAudit(maxSize?: number, log = loud, at = dir): { audit: Audit; events: EventLog } {
  const events = new EventLog(new EventNumbers(0, () => {}));
  return { audit: new Audit(at, events, log, maxSize), events };
}

const called = (call: string, parameters: Record<string, unknown> = {}) =>
  ({ ...parameters, type: 'called', call, ...by, result: 'ok' }) as const;

test('it has calls and pushes, with who and when, and no other events', async () => {
  const { audit, events } = makeAudit();
  events.add(called('stop', { grace: 5 }));
  events.add({ type: 'joined', drone: 'web1', version: '1.0.0' });
  events.add({ type: 'deployed', drone: 'web1', repo: 'webapp', commit: 'c'.repeat(40) });
  events.add({ type: 'pushed', repo: 'webapp', ref: 'refs/heads/main', commit: 'c'.repeat(40), ...by });
  await audit.flush();
  const entries = await makeAudit().audit.read(10);
  for (const { time } of entries) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assert.deepEqual(
    entries.map(({ time, ...rest }) => rest),
    [
      { ...by, call: 'stop', grace: 5, result: 'ok' },
      { ...by, call: 'push', repo: 'webapp', ref: 'refs/heads/main', commit: 'c'.repeat(40), result: 'ok' },
    ],
  );
  assert.equal(statSync(join(dir, 'audit.jsonl')).mode & 0o777, 0o600);
});

test('it is capped, and the newest entries are kept', async () => {
  const { audit, events } = makeAudit(10_000);
  for (let n = 0; n < 1_000; n++) {
    events.add(called('stop', { n }));
    if (n % 20 === 0) await audit.flush();
  }
  events.add(called('spawn'));
  const entries = await audit.read(2);
  assert.deepEqual(
    entries.map(({ call }) => call),
    ['stop', 'spawn'],
  );
  assert.equal(entries[0]?.['n'], 999);
  const sizes = ['audit.jsonl', 'audit.jsonl.1'].map((file) => statSync(join(dir, file)).size);
  for (const size of sizes) assert.ok(size < 20_000, `${size} bytes`);
});

test('a truncated line costs only that line', async () => {
  const first = makeAudit();
  first.events.add(called('stop', { n: 1 }));
  await first.audit.flush();
  appendFileSync(join(dir, 'audit.jsonl'), '{"time":"2020');
  const second = makeAudit();
  second.events.add(called('stop', { n: 2 }));
  assert.deepEqual(
    (await second.audit.read(10)).map(({ n }) => n),
    [1, 2],
  );
});

test('a disk that takes no writes is reported, and stops nobody from working', async () => {
  const said: string[] = [];
  const { audit, events } = makeAudit(undefined, (line) => void said.push(line), join(dir, 'not', 'there'));
  events.add(called('stop'));
  await audit.flush();
  assert.match(said[0] ?? '', /cannot write .*audit\.jsonl: ENOENT/);
});
