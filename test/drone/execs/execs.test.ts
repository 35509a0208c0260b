import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Execs } from '../../../src/drone/execs/execs.ts';
import { EMPTY } from '../../../src/rpc/frames.ts';
import type { Peer } from '../../../src/rpc/peer.ts';
import { listProcesses } from '../../../src/system/procfs.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const MARK = 'beadbeadbeadbead';
const running = () => listProcesses(`FLEET_RUN=${MARK}.`).filter(({ mark }) => mark !== null);
const makeExecs = (t: TestContext, checkout: () => Promise<string>, dir = temporaryFolder(t)) =>
  new Execs({
    dir,
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

test('an exec whose client disconnected while it was starting does not stay', async (t) => {
  let checkedOut = (_dir: string) => {};
  const checkout = new Promise<string>((resolve) => {
    checkedOut = resolve;
  });
  const told: string[] = [];
  const peer = {
    closed: new Promise(() => {}),
    notify: (method: string) => void told.push(method),
  } as unknown as Peer;
  const execs = makeExecs(t, () => checkout);
  const started = execs.start(peer, { ...request, id: 'abcdef' });
  execs.abandon('abcdef');
  checkedOut('/tmp');
  await started;
  await eventually(() => running().length === 0 && told.includes('exec.exit'), 'it is ended');
  assert.equal(execs.size, 0);
});

test('a drone that was held up does not mistake unread input for silence', async (t) => {
  const told: string[] = [];
  const peer = {
    closed: new Promise(() => {}),
    notify: (method: string, _: unknown, body = EMPTY) => void told.push(`${method} ${body}`),
  } as unknown as Peer;
  const execs = makeExecs(t, async () => '/tmp');
  // The shell ends at once; the pipe stays open, and is written to while this process does nothing at all.
  const command = ['sh', '-c', '(sleep 0.5; echo late) & echo soon'];
  await execs.start(peer, { ...request, command, id: 'fedcba' });
  await eventually(() => told.length > 0, 'it has begun');
  await sleep(50);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  await eventually(() => told.some((line) => line.startsWith('exec.exit')), 'it has ended');
  assert.deepEqual(told, ['exec.output soon\n', 'exec.output late\n', 'exec.exit ']);
});

test('a process can open its output and errors again', async (t) => {
  const told: [string, Buffer][] = [];
  const peer = {
    closed: new Promise(() => {}),
    notify: (method: string, params: { stream?: string }, body = EMPTY) =>
      void told.push([`${method} ${params.stream ?? ''}`, body]),
  } as unknown as Peer;
  const execs = makeExecs(t, async () => '/tmp');
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

test('what an exec has left behind is told from an exec whose drone was killed, and from helpers of the drone', async (t) => {
  const dir = temporaryFolder(t);
  const told: string[] = [];
  const peer = {
    closed: new Promise(() => {}),
    notify: (method: string, { id }: { id: string }) => void told.push(`${method} ${id}`),
  } as unknown as Peer;
  const execs = makeExecs(t, async () => '/tmp', dir);
  t.after(() => {
    for (const { pid } of running()) process.kill(pid, 'SIGKILL');
  });
  await execs.start(peer, {
    ...request,
    command: ['sh', '-c', 'setsid sleep 307 >/dev/null 2>&1 &'],
    id: 'aaaaaa',
  });
  await execs.start(peer, { ...request, id: 'bbbbbb' });
  await assert.rejects(execs.start(peer, { ...request, command: ['no-such-program'], id: 'cccccc' }));
  await eventually(() => told.includes('exec.exit aaaaaa'), 'one has ended');
  const next = makeExecs(t, async () => '/tmp', dir);
  const left = ['aaaaaa', 'bbbbbb', 'cccccc', 'git-7', 'check-aaaaaa'].filter((id) => next.hasLeft(id));
  assert.deepEqual(left, ['aaaaaa', 'cccccc']);
});
