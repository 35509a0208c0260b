import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { DroneConnection } from '../../src/hub/drones/drone.ts';
import { orderRepeatably } from '../../src/hub/repeatable-order.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { directoryOf, FakeConnection } from '../fixtures/fake-connection.ts';
import { key } from '../fixtures/fake-drone.ts';

const closed = () => new FleetError('ECLOSED', 'the hub is going away');

/** A drone of another hub, whose connection there ends with the order. */
function elsewhere() {
  const { directory } = directoryOf({});
  const [before, after] = [new FakeConnection(), new FakeConnection()];
  const drone = { identity: key(), name: 'web1', processes: [] };
  const known = directory.join(before, { ...drone, via: 'h2' });
  const orders: DroneConnection[] = [];
  const give = async (connection: DroneConnection) => {
    orders.push(connection);
    if (connection === before) throw closed();
    return 'done';
  };
  return { directory, known, drone, before, after, orders, give };
}

test('an order whose hub ends is given again when the drone has come to another one', async () => {
  for (const via of ['h3', undefined]) {
    const { directory, known, drone, before, after, orders, give } = elsewhere();
    const answer = orderRepeatably(directory, 'web1', give);
    directory.lose(known, closed());
    setTimeout(() => directory.join(after, via === undefined ? drone : { ...drone, via }), 10);
    assert.equal(await answer, 'done');
    assert.deepEqual(orders, [before, after]);
    assert.equal(directory.listenerCount('joined'), 0);
  }
});

test('it is given again in the moment in which the drone comes, and to a drone that has come before it failed', async () => {
  const late = elsewhere();
  const answer = orderRepeatably(late.directory, 'web1', late.give);
  late.directory.lose(late.known, closed());
  await turn();
  assert.equal(late.orders.length, 1);
  late.directory.join(new FakeConnection(), { identity: key(), name: 'web2', processes: [], via: 'h3' });
  await turn();
  assert.equal(late.orders.length, 1, 'another drone is not waited for');
  late.directory.join(late.after, { ...late.drone, via: 'h3' });
  await turn();
  assert.deepEqual(late.orders, [late.before, late.after]);
  assert.equal(await answer, 'done');

  const early = elsewhere();
  const give = (connection: DroneConnection) => {
    early.directory.join(early.after, { ...early.drone, via: 'h3' });
    return early.give(connection);
  };
  assert.equal(await orderRepeatably(early.directory, 'web1', give), 'done');
});

test('any number of orders wait for drones without a warning', async (t) => {
  const warnings = t.mock.method(process, 'emitWarning', () => {});
  const { directory, known, drone, after, give } = elsewhere();
  const answers = Array.from({ length: 20 }, () => orderRepeatably(directory, 'web1', give));
  directory.lose(known, closed());
  await turn();
  assert.equal(directory.listenerCount('joined'), 20);
  directory.join(after, { ...drone, via: 'h3' });
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(['done']));
  assert.equal(warnings.mock.callCount(), 0);
});

test('it fails as it did if the drone does not come in time, and at once for any other reason', async () => {
  const { directory, known, orders, give } = elsewhere();
  const answer = orderRepeatably(directory, 'web1', give, 20);
  directory.lose(known, closed());
  await assert.rejects(answer, { code: 'ECLOSED', message: 'the hub is going away' });
  assert.deepEqual([orders.length, directory.listenerCount('joined')], [1, 0]);
  const other = elsewhere();
  const refused = async () => {
    throw new FleetError('ESPAWN', 'not found');
  };
  await assert.rejects(orderRepeatably(other.directory, 'web1', refused), { code: 'ESPAWN' });
});

test('an order to a drone of this hub is not given again: whoever asks loses the connection, too', async () => {
  const { directory, drones } = directoryOf({ web1: [] });
  let given = 0;
  const give = async () => {
    given++;
    directory.join(new FakeConnection(), { identity: drones.web1.identity, name: 'web1', processes: [] });
    throw closed();
  };
  await assert.rejects(orderRepeatably(directory, 'web1', give), { code: 'ECLOSED' });
  assert.equal(given, 1);
});
