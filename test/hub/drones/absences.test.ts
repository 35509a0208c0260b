import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Absences } from '../../../src/hub/drones/absences.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { Clock } from '../../fixtures/clock.ts';
import { directoryOf, FakeConnection } from '../../fixtures/fake-connection.ts';

const lost = new FleetError('ECLOSED', 'lost');

test('how long a drone is away counts from when it was lost until it joins again', (t) => {
  const clock = new Clock(t);
  const { directory, drones } = directoryOf({ web1: [], web2: [], web3: [] });
  const absences = new Absences(directory);
  clock.pass(5_000);
  directory.lose(drones.web1, lost);
  clock.pass(1_000);
  assert.equal(absences.of('web1'), 1_000);
  assert.equal(absences.of('web2'), 0);
  directory.join(new FakeConnection(), { identity: drones.web1.identity, name: 'web1', processes: [] });
  assert.equal(absences.of('web1'), 0);
  clock.pass(1_000);
  const again = directory.get('web1');
  assert.ok(again);
  directory.lose(again, lost);
  clock.pass(250);
  assert.equal(absences.of('web1'), 250);
});

test('the time during which more than half of all drones are lost does not count', (t) => {
  const clock = new Clock(t);
  const { directory, drones } = directoryOf({ web1: [], web2: [], web3: [] });
  const absences = new Absences(directory);
  directory.lose(drones.web1, lost);
  clock.pass(1_000);
  directory.lose(drones.web2, lost);
  clock.pass(60_000);
  assert.deepEqual([absences.of('web1'), absences.of('web2')], [1_000, 0]);
  directory.join(new FakeConnection(), { identity: drones.web2.identity, name: 'web2', processes: [] });
  clock.pass(2_000);
  assert.equal(absences.of('web1'), 3_000);
});

test('a drone that is not known counts from when it is first asked for', (t) => {
  const clock = new Clock(t);
  const { directory } = directoryOf({ web1: [] });
  const absences = new Absences(directory);
  clock.pass(9_000);
  assert.equal(absences.of('web9'), 0);
  clock.pass(1_000);
  assert.equal(absences.of('web9'), 1_000);
});
