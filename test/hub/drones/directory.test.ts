import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import { statusNow } from '../../../src/hub/drones/drone.ts';
import { KnownDrone } from '../../../src/hub/drones/known-drone.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { directoryOf, FakeConnection } from '../../fixtures/fake-connection.ts';
import { key, report } from '../../fixtures/fake-drone.ts';

const LOST = new FleetError('ECLOSED', 'the connection was lost');

test('a drone keeps its name when it comes back, and its old connection is closed', () => {
  const directory = new DroneDirectory();
  const [first, second] = [new FakeConnection(), new FakeConnection()];
  const identity = key();
  directory.join(first, { identity, name: 'web1', processes: [report('000001')] });
  const other = directory.join(new FakeConnection(), { identity: key(), name: 'web1', processes: [] });
  const back = directory.join(second, { identity, name: 'web1', processes: [report('000002')] });
  assert.deepEqual([other.name, back.name], ['web1-1', 'web1']);
  assert.equal(first.ended[0]?.[0], 4001);
  assert.deepEqual([...back.processes.keys()], ['000002']);
  assert.deepEqual(
    directory.all().map(({ name }) => name),
    ['web1', 'web1-1'],
  );
});

test('drones are listed by name, in whichever order they came, came back, were renamed or forgotten', () => {
  const directory = new DroneDirectory();
  const join = (name: string, identity = key()) =>
    directory.join(new FakeConnection(), { identity, name, processes: [] });
  const names = () => directory.all().map(({ name }) => name);
  const [web2, , web10] = [join('web2'), join('db1'), join('web10'), join('cache')];
  const before = directory.all();
  assert.deepEqual(names(), ['cache', 'db1', 'web10', 'web2']);
  join('web2', web2.identity);
  assert.deepEqual(names(), ['cache', 'db1', 'web10', 'web2']);
  const renamed = join('api', web10.identity);
  assert.deepEqual(names(), ['api', 'cache', 'db1', 'web2']);
  directory.lose(renamed, LOST);
  directory.forget('api');
  assert.deepEqual(names(), ['cache', 'db1', 'web2']);
  assert.equal(directory.all().length, 3);
  assert.equal(before.length, 4, 'who had the list before has it still');
});

test('joining and leaving are reported, and an old connection that ends late is not a loss', () => {
  const directory = new DroneDirectory();
  const told: string[] = [];
  directory.on('joined', ({ name }) => told.push(`joined ${name}`));
  directory.on('lost', ({ name }, why) => told.push(`lost ${name}: ${why.message}`));
  const identity = key();
  const first = directory.join(new FakeConnection(), { identity, name: 'web1', processes: [] });
  const second = directory.join(new FakeConnection(), { identity, name: 'web1', processes: [] });
  directory.lose(first, LOST);
  assert.deepEqual(told, ['joined web1', 'joined web1']);
  directory.lose(second, LOST);
  directory.lose(second, LOST);
  assert.deepEqual(told.slice(2), ['lost web1: the connection was lost']);
  assert.deepEqual(directory.lost(), { web1: 0 });
  assert.deepEqual(directory.lost(['web2']), {});
});

test('drones are counted, and those that are lost', () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [], web3: [] });
  const { identity } = drones.web1;
  const join = () => directory.join(new FakeConnection(), { identity, name: 'web1', processes: [] });
  assert.deepEqual(directory.counts, { all: 3, lost: 0 });
  directory.lose(drones.web1, LOST);
  directory.lose(drones.web2, LOST);
  assert.deepEqual(directory.counts, { all: 3, lost: 2 });
  const before = join();
  join();
  directory.lose(before, LOST);
  assert.deepEqual(directory.counts, { all: 3, lost: 1 }, 'a connection that was replaced');
  directory.forget('web2');
  assert.deepEqual(directory.counts, { all: 2, lost: 0 });
});

test('asking for a drone that is not connected is an error that says where those are listed', () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [] });
  assert.equal(directory.connection('web1'), drones.web1.connection);
  directory.lose(drones.web2, LOST);
  assert.throws(() => directory.connection('web2'), {
    code: 'ENODRONE',
    message: 'the drone web2 is not connected (lost 0s ago); fleet drones lists them',
  });
  assert.throws(() => directory.connection('web3'), {
    code: 'ENODRONE',
    message: 'there is no drone web3; fleet drones lists them',
  });
});

test('what a drone can report is limited', () => {
  const drone = new KnownDrone('web1', key());
  assert.throws(
    () => {
      for (let n = 0; n < 21_000; n++) drone.know(report(n.toString(16).padStart(6, '0')));
    },
    { code: 'EPROTOCOL', message: /more than 20000 processes/ },
  );
  const wordy = new KnownDrone('web2', key());
  const command = ['x'.repeat(2_500_000)];
  wordy.know(report('000001', { command }));
  wordy.know(report('000001', { command }));
  assert.throws(() => wordy.know(report('000002', { command })), { code: 'EPROTOCOL' });
  wordy.forget('000001');
  wordy.forget('000002');
  wordy.know(report('000003', { command }));
});

test('a report ages: what runs has run for longer, and what waits starts sooner', () => {
  const now = 100_000;
  const status = (more: Parameters<typeof report>[1]) =>
    statusNow({ report: report('000001', more), at: now - 5_000 }, now);
  assert.equal(status({ uptime: 1_500 }).uptime, 6);
  assert.equal(status({ status: 'unknown', uptime: 1_500 }).uptime, 6);
  const waiting = status({ status: 'respawning', respawnIn: 7_500, pid: null });
  assert.deepEqual([waiting.uptime, waiting.respawnIn], [0, 3]);
  assert.equal(status({ status: 'respawning', respawnIn: 100 }).respawnIn, 0);
});

test('a lost drone can be forgotten, and its name is free; a connected one cannot', () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [] });
  const forgotten: string[] = [];
  directory.on('forgotten', ({ name }) => forgotten.push(name));
  assert.throws(() => directory.forget('web2'), { code: 'ENODRONE', message: /is connected/ });
  directory.lose(drones.web2, LOST);
  assert.throws(() => directory.forget('web3'), {
    code: 'ENODRONE',
    message: 'there is no drone web3; lost: web2',
  });
  directory.forget('web2');
  assert.deepEqual([directory.all().map(({ name }) => name), forgotten], [['web1'], ['web2']]);
  const other = directory.join(new FakeConnection(), { identity: key(), name: 'web2', processes: [] });
  assert.equal(other.name, 'web2');
});

test('a drone has 64 labels at most when it is given some, and an older one can be taken back', () => {
  const { directory, drones } = directoryOf({ web1: [] });
  const many = Object.fromEntries(Array.from({ length: 63 }, (_, n) => [`k${n}`, '']));
  drones.web1.ownLabels = { role: 'web' };
  directory.label('web1', many, []);
  assert.throws(() => directory.label('web1', { more: '' }, []), {
    code: 'ELIMIT',
    message: 'web1 would have more than 64 labels; take some back with KEY-',
  });
  directory.label('web1', { more: '', role: 'db' }, ['k0']);
  assert.equal(Object.keys(drones.web1.labels).length, 64);
});
