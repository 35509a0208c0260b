import assert from 'node:assert/strict';
import { test } from 'node:test';
import { psJson, psTree, statusText } from '../../src/cli/ps-text.ts';
import { PLAIN, screenOf } from '../../src/cli/screen.ts';
import type { ProcessStatus } from '../../src/protocol/process.ts';
import { COMMIT, makeStatus } from './status.ts';

const colours = screenOf({ isTTY: true }, {});

test('ps draws a tree for each drone, by name', () => {
  const drones = {
    web2: { lost: null, processes: {} },
    web1: {
      lost: null,
      processes: { '1e99f4': makeStatus(), d7048a: makeStatus({ command: ['node', 'server.js', '8081'] }) },
    },
  };
  assert.equal(
    psTree(drones, PLAIN),
    `drone#web1
├─┬ pid#1e99f4
│ ├── status:   running
│ ├── commit:   webapp/${COMMIT}
│ └── command:  node server.js 8080
└─┬ pid#d7048a
  ├── status:   running
  ├── commit:   webapp/${COMMIT}
  └── command:  node server.js 8081
drone#web2
`,
  );
});

test('an instance has a line with its slot, release, port and state, and the app if that is a stage', () => {
  const instance = { app: 'webapp', service: 'web', slot: 1, release: 42, port: 20000, state: 'ready' };
  const staged = { ...instance, app: 'webapp@pr-12', service: 'worker', port: null, state: 'up' };
  const drones = {
    web1: { lost: null, processes: { '1e99f4': makeStatus(instance), d7048a: makeStatus(staged) } },
  };
  assert.equal(
    psTree(drones, PLAIN),
    `drone#web1
├─┬ pid#1e99f4
│ ├── status:   running
│ ├── service:  web.1 v42 :20000 ready
│ ├── commit:   webapp/${COMMIT}
│ └── command:  node server.js 8080
└─┬ pid#d7048a
  ├── status:   running
  ├── service:  webapp@pr-12 worker.1 v42 up
  ├── commit:   webapp/${COMMIT}
  └── command:  node server.js 8080
`,
  );
});

test('a process that was spawned with a port has a line with it', () => {
  const processes = { '1e99f4': makeStatus({ port: 20000, app: null }) };
  assert.equal(
    psTree({ web1: { lost: null, processes } }, PLAIN),
    `drone#web1
└─┬ pid#1e99f4
  ├── status:   running
  ├── port:     :20000
  ├── commit:   webapp/${COMMIT}
  └── command:  node server.js 8080
`,
  );
});

test('a lost drone is marked', () => {
  assert.equal(psTree({ web1: { lost: 40, processes: {} } }, PLAIN), 'drone#web1 (lost 40s ago)\n');
});

test('the status contains what helps', () => {
  const cases: [Partial<ProcessStatus>, string][] = [
    [{}, 'running'],
    [{ restarts: 1, lastExit: { code: 2, signal: null } }, 'running (1 restart, last exit 2)'],
    [{ restarts: 1, lastExit: { code: null, signal: null } }, 'running (1 restart, last exit unknown)'],
    [
      { status: 'respawning', respawnIn: 8, restarts: 5, lastExit: { code: 1, signal: null } },
      'respawning in 8s (5 restarts, last exit 1)',
    ],
    [
      { status: 'respawning', restarts: 1200, lastExit: { code: null, signal: 'SIGKILL' } },
      'respawning (1,200 restarts, last exit SIGKILL)',
    ],
    [
      {
        status: 'respawning',
        respawnIn: 1,
        lastExit: { code: null, signal: null, error: 'spawn nodee: not found' },
      },
      'respawning in 1s (spawn nodee: not found)',
    ],
    [
      { status: 'respawning', restarts: 2, lastExit: { code: 0, signal: null, error: 'left pid 7' } },
      'respawning (2 restarts, last exit 0, left pid 7)',
    ],
  ];
  for (const [status, text] of cases) assert.equal(statusText(makeStatus(status)), text);
});

test('on a terminal a command cannot print control characters, and only the status is coloured', () => {
  const drones = {
    web1: { lost: null, processes: { '1e99f4': makeStatus({ command: ['a\x1b[2J', 'b\nc'] }) } },
  };
  const tree = psTree(drones, colours);
  assert.ok(tree.includes('status:   \x1b[32mrunning\x1b[0m\n'), tree);
  assert.match(tree, /command: {2}a\^\[\[2J 'b\\nc'\n/);
  assert.equal(tree.split('\n').length, 6);
});

test('ps --json has the processes of each drone as the API returns them, and also under their ids', () => {
  const instance = {
    ...{ app: 'webapp', service: 'web', slot: 1, release: 42, port: 20000, state: 'ready' },
    ...{ cpu: 3, memory: 1e6 },
  };
  const drones = {
    web1: { lost: null, processes: { '1e99f4': makeStatus(instance) } },
    web2: { lost: 40, awaited: true, processes: { d7048a: makeStatus() } },
    web3: { lost: null, processes: {} },
    web4: { lost: 7, processes: {} },
  };
  const json = psJson(drones);
  const { processes } = drones.web1;
  assert.deepEqual(json['web1'], { '1e99f4': { ...makeStatus(instance), lost: null }, processes });
  const byHand = makeStatus({
    ...{ app: null, service: null, slot: null, release: null, port: null, state: null },
    ...{ cpu: null, memory: null },
  });
  const web2 = { lost: 40, awaited: true, processes: { d7048a: byHand } };
  assert.deepEqual(json['web2'], { d7048a: { ...byHand, lost: 40 }, ...web2 });
  assert.deepEqual([json['web3'], json['web4']], [{ processes: {} }, { lost: 7, processes: {} }]);
});

test('a drone that is not back since the hub started is marked as such', () => {
  const tree = psTree({ web1: { lost: 7, awaited: true, processes: {} } }, PLAIN);
  assert.equal(tree, 'drone#web1 (not back since the hub started 7s ago)\n');
});
