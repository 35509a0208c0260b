import assert from 'node:assert/strict';
import { test } from 'node:test';
import { psLines } from '../../src/cli/ps-lines.ts';
import { makeStatus } from './status.ts';

const used = { cpu: 12.4, memory: 64 * 1024 ** 2 };

test('each process has a line, by drone, with what it uses; what no process has takes no room', () => {
  const waiting = { status: 'respawning', respawnIn: 8, restarts: 5, lastExit: { code: 1, signal: null } };
  const drones = {
    web2: { lost: null, processes: { d7048a: makeStatus({ ...waiting, uptime: 0, pid: null }) } },
    web1: { lost: null, processes: { '1e99f4': makeStatus({ ...used, uptime: 7300 }) } },
    idle: { lost: null, processes: {} },
  };
  assert.deepEqual(psLines(drones), [
    'web1#1e99f4  running                                     up 2h  cpu  12%  mem  64M  webapp/1b8050f  node server.js 8080',
    'web2#d7048a  respawning in 8s (5 restarts, last exit 1)                             webapp/1b8050f  node server.js 8080',
  ]);
  assert.deepEqual(psLines({ web1: { lost: null, processes: { '1e99f4': makeStatus() } } }), [
    'web1#1e99f4  running  up 3s  webapp/1b8050f  node server.js 8080',
  ]);
  assert.deepEqual(psLines({}), []);
});

test('a process that was spawned with a port says which', () => {
  const processes = { '1e99f4': makeStatus({ port: 20000, app: null }) };
  assert.deepEqual(psLines({ web1: { lost: null, processes } }), [
    'web1#1e99f4  running  up 3s  :20000  webapp/1b8050f  node server.js 8080',
  ]);
});

test('an instance says of which service it is, and a process whose drone is lost says so', () => {
  const instance = { app: 'webapp', service: 'web', slot: 1, release: 42, port: 20000, state: 'ready' };
  const drones = { web1: { lost: 40, processes: { '1e99f4': makeStatus({ ...instance, ...used }) } } };
  assert.deepEqual(psLines(drones), [
    'web1#1e99f4  running (lost 40s ago)  up 3s  cpu  12%  mem  64M  web.1 v42 :20000 ready  webapp/1b8050f  node server.js 8080',
  ]);
});

test('a command of several lines is on one, and cannot move the cursor of a terminal', () => {
  const command = ['sh', '-c', 'a\nb', '\u001b[2J'];
  const [line = '', ...more] = psLines({
    web1: { lost: null, processes: { '1e99f4': makeStatus({ command }) } },
  });
  assert.ok(!line.includes('\n') && !line.includes('\u001b'), line);
  assert.deepEqual(more, []);
});
