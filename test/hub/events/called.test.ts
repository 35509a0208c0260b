import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../../src/hub/access/principal.ts';
import { describe, outcome, recorded, refused } from '../../../src/hub/events/called.ts';
import { CountedDeeds } from '../../../src/hub/events/counted-deeds.ts';
import { EventLog } from '../../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../../src/hub/events/event-numbers.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import type { HubEvent } from '../../../src/protocol/events.ts';

const who = { name: 'ci', address: '10.0.0.1' } as Principal;

function makeLog(): { events: EventLog; deeds: CountedDeeds; told: HubEvent[] } {
  const events = new EventLog(new EventNumbers(0, () => {}));
  const told: HubEvent[] = [];
  events.on('event', (event) => told.push(event));
  return { events, deeds: new CountedDeeds(events), told };
}

test('a call is recorded with its caller and outcome, even if it fails', async () => {
  const { events, deeds, told } = makeLog();
  await recorded({ events, deeds }, who, 'stop', { grace: 5 } as never, async () => ({ drones: {} }));
  const failing = recorded({ events, deeds }, who, 'deploy', {} as never, async () => {
    throw new Error('the disk is full');
  });
  await assert.rejects(failing);
  refused(deeds, who, 'exec.start', new Error("the token 'ci' lacks the right 'exec'"));
  const by = { type: 'called', who: 'ci', address: '10.0.0.1' };
  assert.deepEqual(
    told.map(({ time, ...rest }) => rest),
    [
      { ...by, seq: 1, call: 'stop', grace: 5, result: 'ok' },
      { ...by, seq: 2, call: 'deploy', result: 'the disk is full' },
      { ...by, seq: 3, call: 'exec.start', result: "the token 'ci' lacks the right 'exec'" },
    ],
  );
});

test('a call that has to be made again, because its commit was not pushed yet, is recorded only then', async () => {
  const { events, deeds, told } = makeLog();
  const failing = recorded({ events, deeds }, who, 'app.up', {} as never, async () => {
    throw new FleetError('ENOCOMMIT', 'the hub does not have webapp/1b8050f yet; fleet up pushes it');
  });
  await assert.rejects(failing, { code: 'ENOCOMMIT' });
  assert.deepEqual(told, []);
});

test('values of the environment are not recorded, and no parameter can forge the caller or the time', async () => {
  const { events, deeds, told } = makeLog();
  const env = { PASSWORD: 'hunter2', TOKEN: 'hunter2' };
  const forged = { who: 'root', address: 'root', result: 'root', time: 1970, seq: 1970, type: 'root' };
  const params = { env, key: 'hunter2', stdin: 'hunter2', privateKey: 'hunter2', ...forged };
  await recorded({ events, deeds }, who, 'spawn', params as never, async () => null);
  assert.doesNotMatch(JSON.stringify(told), /hunter2|root|1970/);
  assert.deepEqual(describe({ env, repo: 'x' }), { env: ['PASSWORD', 'TOKEN'], repo: 'x' });
});

test('parameters that were left out, or are very long, are not recorded', async () => {
  assert.deepEqual(describe({ select: null, processes: [], force: false, labels: {}, grace: 0 }), {
    grace: 0,
  });
  const { events, deeds, told } = makeLog();
  await recorded(
    { events, deeds },
    who,
    'spawn',
    { command: ['x'.repeat(100_000)] } as never,
    async () => null,
  );
  assert.ok(JSON.stringify(told).length < 1_000);
});

test("the drones' results are recorded: the first failure", () => {
  assert.equal(outcome(null), 'ok');
  assert.equal(outcome({ drones: { web1: null, web2: { id: 'abcdef', error: null } } }), 'ok');
  const failed = { web1: null, web2: { code: 'EGIT', message: 'no' } };
  assert.equal(outcome({ drones: failed }), 'web2: no');
  assert.equal(outcome({ drones: { web1: { error: { message: 'not found' } } } }), 'web1: not found');
});
