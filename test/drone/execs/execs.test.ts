import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Execs } from '../../../src/drone/execs/execs.ts';
import { EMPTY } from '../../../src/rpc/frames.ts';
import type { Peer } from '../../../src/rpc/peer.ts';
import { listProcesses } from '../../../src/system/procfs.ts';
import { eventually } from '../../fixtures/local-fleet.ts';

const MARK = 'beadbeadbeadbead';
const running = () => listProcesses(`FLEET_RUN=${MARK}.`).filter(({ mark }) => mark !== null);
const makeExecs = (checkout: () => Promise<string>) =>
  new Execs({
    mark: MARK,
    name: () => 'web1',
    checkout,
    preparedCheckout: checkout,
    shared: () => '/nowhere',
  });
const request = {
  key: '0'.repeat(32),
  repo: 'webapp',
  commit: 'c'.repeat(40),
  command: ['sleep', '307'],
  env: {},
  cwd: null,
  stdin: false,
  terminal: null,
  app: null,
  window: 65_536,
  labels: {},
};

test('an exec whose client disconnected while it was starting does not stay', async () => {
  let checkedOut = (_dir: string) => {};
  const checkout = new Promise<string>((resolve) => {
    checkedOut = resolve;
  });
  const told: string[] = [];
  const peer = {
    closed: new Promise(() => {}),
    notify: (method: string) => void told.push(method),
  } as unknown as Peer;
  const execs = makeExecs(() => checkout);
  const started = execs.start(peer, { ...request, id: 'abcdef' });
  execs.abandon('abcdef');
  checkedOut('/tmp');
  await started;
  await eventually(() => running().length === 0 && told.includes('exec.exit'), 'it is ended');
  assert.equal(execs.size, 0);
});

test('a drone that was held up does not mistake unread input for silence', async () => {
  const told: string[] = [];
  const peer = {
    closed: new Promise(() => {}),
    notify: (method: string, _: unknown, body = EMPTY) => void told.push(`${method} ${body}`),
  } as unknown as Peer;
  const execs = makeExecs(async () => '/tmp');
  // The shell ends at once; the pipe stays open, and is written to while this process does nothing at all.
  const command = ['sh', '-c', '(sleep 0.5; echo late) & echo soon'];
  await execs.start(peer, { ...request, command, id: 'fedcba' });
  await eventually(() => told.length > 0, 'it has begun');
  await sleep(50);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  await eventually(() => told.some((line) => line.startsWith('exec.exit')), 'it has ended');
  assert.deepEqual(told, ['exec.output soon\n', 'exec.output late\n', 'exec.exit ']);
});

test('a process can open its output and errors again', async () => {
  const told: [string, Buffer][] = [];
  const peer = {
    closed: new Promise(() => {}),
    notify: (method: string, params: { stream?: string }, body = EMPTY) =>
      void told.push([`${method} ${params.stream ?? ''}`, body]),
  } as unknown as Peer;
  const execs = makeExecs(async () => '/tmp');
  const script =
    'cat; for i in 1 2; do echo out$i; echo file$i >/dev/stdout; echo err$i >/dev/stderr; done; printf "%s" end | tee /dev/stderr';
  await execs.start(peer, { ...request, stdin: true, command: ['sh', '-c', script], id: 'abcabc' });
  const exec = execs.get('abcabc');
  exec?.write(Buffer.from('input\n'));
  exec?.endInput();
  await eventually(() => told.some(([what]) => what.startsWith('exec.exit')), 'it has ended');
  const printed = (stream: string) =>
    Buffer.concat(
      told.filter(([what]) => what === `exec.output ${stream}`).map(([, body]) => body),
    ).toString();
  assert.equal(printed('stdout'), 'input\nout1\nfile1\nout2\nfile2\nend');
  assert.equal(printed('stderr'), 'err1\nerr2\nend');
});
