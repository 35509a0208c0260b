import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Principal } from '../../src/hub/access/principal.ts';
import type { ClientSession } from '../../src/hub/client-session.ts';
import { Execs } from '../../src/hub/execs.ts';
import { Processes } from '../../src/hub/processes.ts';
import { EVERYTHING } from '../../src/hub/selection.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { FEATURES, featuresOf } from '../../src/protocol/features.ts';
import { directoryOf, FakeConnection } from '../fixtures/fake-connection.ts';
import { key, report } from '../fixtures/fake-drone.ts';

const owner = { repo: null } as Principal;
const spec = (drones: string[] | null, one = key()) => ({
  key: one,
  repo: 'webapp',
  commit: 'c'.repeat(40),
  command: ['node', 'server.js'],
  env: {},
  labels: {},
  cwd: null,
  port: null,
  drones,
});

test('a spawn goes to each named drone once, and returns what became of it there', async () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [] });
  drones.web1.connection.answer = (_, { id }) => ({ id });
  drones.web2.connection.answer = () => {
    throw new FleetError('ESPAWN', 'spawn nodee: not found');
  };
  const processes = new Processes(directory, new Execs());
  const { drones: answer } = await processes.spawn(spec(['web1', 'web2', 'web1', 'web3']));
  assert.equal(drones.web1.connection.ordered.length, 1);
  assert.match(answer['web1']?.id ?? '', /^[0-9a-f]{6}$/);
  assert.deepEqual(answer['web1']?.error, null);
  assert.equal(answer['web2']?.error?.message, 'spawn nodee: not found');
  assert.equal(answer['web3']?.error?.code, 'ENODRONE');
});

test('a drone that knows no directories and ports is not asked for them', async () => {
  const { directory, drones } = directoryOf({ web1: [] });
  drones.web1.connection.answer = (_, { id }) => ({ id, port: 20_000 });
  const old = new FakeConnection(featuresOf('1.0.0', ['open-messages']));
  directory.join(old, { identity: key(), name: 'web2', processes: [] });
  const processes = new Processes(directory, new Execs());
  const { drones: answer } = await processes.spawn({ ...spec(['web1', 'web2']), port: 'auto' });
  assert.equal(answer['web1']?.port, 20_000);
  const lack = 'starts processes in the checkout only, and gives them no ports';
  assert.equal(answer['web2']?.error?.message, `it runs fleet 1.0.0, which ${lack}; upgrade it`);
  assert.equal(old.ordered.length, 0);
});

test('drones that are expected back are waited for, but not by who names drones that are there', async () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [] });
  for (const { connection } of [drones.web1, drones.web2]) connection.answer = (_, { id }) => ({ id });
  let come = () => {};
  const over = new Promise<void>((resolve) => {
    come = resolve;
  });
  const processes = new Processes(directory, new Execs(), { over });
  const there = await processes.spawn(spec(['web1', 'web2']));
  assert.deepEqual(
    Object.values(there.drones).map(({ error }) => error),
    [null, null],
  );
  const later = [null, [], ['web1', 'web3']].map((names) => processes.spawn(spec(names)));
  await turn();
  assert.equal(drones.web1.connection.ordered.length + drones.web2.connection.ordered.length, 2);
  come();
  await Promise.all(later);
  assert.equal(drones.web1.connection.ordered.length + drones.web2.connection.ordered.length, 5);
});

test('a request is served once per key, even while the first is in progress', async () => {
  const { directory, drones } = directoryOf({ web1: [] });
  drones.web1.connection.answer = (_, { id }) => ({ id });
  const processes = new Processes(directory, new Execs());
  const request = spec(null);
  const answers = await Promise.all([processes.spawn(request), processes.spawn(request)]);
  assert.deepEqual(answers[0], answers[1]);
  assert.deepEqual(await processes.spawn(request), answers[0]);
  assert.equal(drones.web1.connection.ordered.length, 1);
});

test('a repeated request goes to the same drone at another hub, which has not heard that it was served', async () => {
  for (let n = 0; n < 20; n++) {
    const one = key();
    const [first, second] = [directoryOf({ web1: [], web2: [], web3: [] }), directoryOf({})];
    for (const { identity, name, connection } of Object.values(first.drones)) {
      connection.answer = (_, { id }) => ({ id });
      second.directory.join(connection, { identity, name, processes: [] });
    }
    const { drones } = await new Processes(first.directory, new Execs()).spawn(spec(null, one));
    const again = await new Processes(second.directory, new Execs()).spawn(spec(null, one));
    assert.deepEqual(Object.keys(again.drones), Object.keys(drones));
  }
});

test('what is not known here may have been started through another hub just now', async () => {
  const { directory, drones } = directoryOf({ web1: [report('000001')] });
  drones.web1.connection.answer = (_, { ids }) => ({ stopped: ids, killed: [], errors: {} });
  let asked = 0;
  const heard = async () => {
    asked++;
    drones.web1.know(report('000002'));
  };
  const processes = new Processes(directory, new Execs(), undefined, undefined, undefined, heard);
  const stop = (...ids: string[]) =>
    processes.end('stop', owner, {
      ...{ select: null, processes: ids.map((id) => ({ drone: null, id })) },
      ...{ grace: 5, again: false, force: false },
    });
  assert.deepEqual([(await stop('000001')).unknown, asked], [[], 0]);
  const { drones: ended, unknown } = await stop('000002', '000003');
  assert.deepEqual([ended['web1']?.stopped, unknown, asked], [['000002'], ['000003'], 1]);
});

test('after a restart of the hub, a repeated request goes where it was served', async () => {
  const one = key();
  const { directory, drones } = directoryOf({ web1: [], web2: [report('00000a', { key: one })], web3: [] });
  for (const { connection } of Object.values(drones)) connection.answer = (_, { id }) => ({ id });
  const again = await new Processes(directory, new Execs()).spawn(spec(null, one));
  assert.deepEqual(again, { drones: { web2: { id: '00000a', error: null } } });
});

test('if a drone that may have served it is lost, it is not started on another', async () => {
  const one = key();
  const { directory, drones } = directoryOf({ web1: [], web2: [report('00000a', { key: one })] });
  directory.lose(drones.web2, new FleetError('ECLOSED', 'lost'));
  const again = await new Processes(directory, new Execs()).spawn(spec(null, one));
  assert.equal(again.drones['web2']?.error?.code, 'ENODRONE');
  assert.equal(drones.web1.connection.ordered.length, 0);
});

test('selected processes are stopped where they are; failing drones and unknown ids are reported', async () => {
  const { directory, drones } = directoryOf({
    web1: [report('000001'), report('000002')],
    web2: [report('000003')],
  });
  drones.web1.connection.answer = (_, { ids }) => ({ stopped: ids, killed: [], errors: {} });
  directory.lose(drones.web2, new FleetError('ECLOSED', 'lost'));
  const processes = new Processes(directory, new Execs());
  const all = await processes.end('stop', owner, {
    select: EVERYTHING,
    processes: [],
    grace: 5,
    again: false,
    force: false,
  });
  assert.deepEqual(drones.web1.connection.ordered, [['stop', { ids: ['000001', '000002'], grace: 5 }]]);
  assert.deepEqual(all.drones['web1'], { stopped: ['000001', '000002'], killed: [], errors: {} });
  assert.equal(all.drones['web2']?.errors['000003']?.code, 'ENODRONE');
  const asked = [
    { drone: null, id: '000002' },
    { drone: 'web2', id: '000001' },
  ];
  const some = await processes.end('restart', owner, {
    select: null,
    processes: asked,
    grace: 5,
    again: false,
    force: false,
  });
  assert.deepEqual(some.unknown, ['web2#000001']);
  assert.deepEqual(drones.web1.connection.ordered.at(-1), ['restart', { ids: ['000002'], grace: 5 }]);
});

test('drones that are not back since the hub started are reported, because more may run there', async () => {
  const { directory } = directoryOf({ web1: [] });
  directory.remember({ identity: key(), name: 'web2', seen: Date.now(), connected: true });
  const processes = new Processes(directory, new Execs());
  const stop = async (select: object) =>
    (
      await processes.end('stop', owner, {
        select: { ...EVERYTHING, ...select },
        processes: [],
        grace: 5,
        again: false,
        force: false,
      })
    ).absent;
  assert.deepEqual(Object.keys((await stop({})) ?? {}), ['web2']);
  assert.deepEqual(Object.keys((await stop({ ids: [{ drone: null, id: '000009' }] })) ?? {}), ['web2']);
  assert.deepEqual(await stop({ drones: ['web1'] }), {});
});

test('a stop that is repeated after the death of the hub finds what was stopped then', async () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [] });
  drones.web1.connection.answer = (_, { ids }) => ({
    stopped: (ids as string[]).filter((id) => id === '00000a'),
    killed: [],
    errors: {},
  });
  drones.web2.connection.answer = () => {
    throw new FleetError('ETIMEOUT', 'no answer');
  };
  const ids = ['00000a', '00000b'].map((id) => ({ drone: null, id }));
  const processes = new Processes(directory, new Execs());
  const stop = await processes.end('stop', owner, {
    select: null,
    processes: ids,
    grace: 5,
    again: true,
    force: false,
  });
  assert.deepEqual(stop.unknown, ['00000b']);
  assert.deepEqual(stop.drones, { web1: { stopped: ['00000a'], killed: [], errors: {} } });
  const elsewhere = [{ drone: 'web2', id: '00000a' }];
  const other = await processes.end('stop', owner, {
    select: null,
    processes: elsewhere,
    grace: 5,
    again: true,
    force: false,
  });
  assert.deepEqual([other.unknown, other.drones], [['web2#00000a'], {}]);
});

test("a repeated stop finds nothing that its filter or the caller's token excludes", async () => {
  const { directory, drones } = directoryOf({ web1: [report('00000a', { repo: 'stats' })] });
  const processes = new Processes(directory, new Execs());
  const ids = [{ drone: null, id: '00000a' }];
  for (const [who, repo] of [
    [owner, 'webapp'],
    [{ repo: 'webapp' } as Principal, null],
  ] as const) {
    const select = { ...EVERYTHING, ids, repo };
    const stop = await processes.end('stop', who, {
      select,
      processes: [],
      grace: 5,
      again: true,
      force: false,
    });
    assert.deepEqual(stop.unknown, ['00000a']);
  }
  assert.deepEqual(drones.web1.connection.ordered, []);
});

test('input is for every process of an exec, unless its client is too old to send it to several', async () => {
  const ask = async (features: readonly string[], names: string[]) => {
    const { directory, drones } = directoryOf({ web1: [], web2: [] });
    for (const { connection } of Object.values(drones)) connection.answer = () => null;
    const client = { features: featuresOf('1.0.0', features), gone: new Promise(() => {}) };
    const request = { ...spec(names), cwd: null, stdin: true, terminal: null };
    await new Processes(directory, new Execs()).exec(client as unknown as ClientSession, request);
    return drones.web1.connection.ordered.map(([, params]) => (params as { stdin: boolean }).stdin);
  };
  assert.deepEqual(await ask(FEATURES, ['web1', 'web2']), [true]);
  assert.deepEqual(await ask([], ['web1', 'web2']), [false]);
  assert.deepEqual(await ask([], ['web1']), [true]);
});

test('an instance is stopped with force alone; without it, no drone is asked, and its id has an error', async () => {
  const instance = { app: 'webapp', service: 'web', slot: 1, release: 1, port: null, state: 'up', why: null };
  const { directory, drones } = directoryOf({ web1: [report('00000a', { instance })] });
  drones.web1.connection.answer = (_, { ids }) => ({ stopped: ids, killed: [], errors: {} });
  const processes = new Processes(directory, new Execs());
  const select = { ...EVERYTHING, ids: [{ drone: null, id: '00000a' }] };
  const request = { select, processes: [], grace: 5, again: false };
  const gentle = await processes.end('stop', owner, { ...request, force: false });
  assert.equal(gentle.drones['web1']?.errors['00000a']?.code, 'EINSTANCE');
  assert.deepEqual([gentle.unknown, drones.web1.connection.ordered], [[], []]);
  const forced = await processes.end('stop', owner, { ...request, force: true });
  assert.deepEqual(forced.drones['web1']?.stopped, ['00000a']);
});
