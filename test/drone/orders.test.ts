import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exec } from '../../src/drone/execs/exec.ts';
import { type OrderParts, serveOrders } from '../../src/drone/orders.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { Answered } from '../../src/rpc/answered.ts';
import { EMPTY } from '../../src/rpc/frames.ts';
import type { Incoming } from '../../src/rpc/incoming.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { SPEC } from './process-spec.ts';

/** Serves orders with parts that note what they are told; returns how to order something. */
function serving(parts: Record<string, unknown>) {
  const told: unknown[] = [];
  const note =
    (what: string, answer?: unknown) =>
    (...given: unknown[]) => {
      told.push([what, ...given]);
      return answer;
    };
  let dispatch: (incoming: Incoming) => unknown = () => assert.fail('nothing is served');
  const peer = {
    serve: (handler: (incoming: Incoming) => unknown) => {
      dispatch = handler;
    },
  } as unknown as Peer;
  serveOrders(peer, { spawn: note('spawn', '1e99f4'), ...parts } as unknown as OrderParts);
  const order = async (method: string, params: unknown, body: Buffer = EMPTY) =>
    dispatch({ method, params, body });
  return { told, note, order };
}

test('a spawned process has in its record what was asked for, and its port is answered', async () => {
  const { told, order } = serving({ supervisor: { specOf: (id: string) => ({ id, port: 20_001 }) } });
  assert.deepEqual(await order('spawn', { ...SPEC, labels: {} }), { id: '1e99f4', port: 20_001 });
  const wanted = { labels: { a: 'b' }, cwd: 'web', port: 'auto' };
  await order('spawn', { ...SPEC, ...wanted });
  assert.deepEqual(told, [
    ['spawn', { ...SPEC, instance: null }],
    ['spawn', { ...SPEC, instance: null, ...wanted }],
  ]);
});

test('a process without a port is answered without one', async () => {
  const { order } = serving({ supervisor: { specOf: () => ({}) } });
  assert.deepEqual(await order('spawn', SPEC), { id: '1e99f4' });
});

test('input for an exec is written until its end; one that is over gets nothing', async () => {
  const told: unknown[] = [];
  const exec = {
    write: (bytes: Buffer) => told.push(`write ${bytes}`),
    endInput: () => told.push('end'),
    kill: (signal: string) => told.push(`kill ${signal}`),
    ack: (bytes: number) => told.push(`ack ${bytes}`),
    terminal: { resize: (size: unknown) => told.push(size) },
  } as unknown as Exec;
  const abandon = (id: string) => told.push(`abandon ${id}`);
  const { order } = serving({
    execs: { get: (id: string) => (id === '1e99f4' ? exec : undefined), abandon },
  });
  for (const id of ['1e99f4', '000000']) {
    await order('exec.stdin', { id, end: false }, Buffer.from('hello'));
    await order('exec.stdin', { id, end: true });
    await order('exec.ack', { id, bytes: 5 });
    await order('exec.resize', { id, rows: 24, columns: 80 });
    await order('exec.kill', { id, signal: 'SIGINT' });
  }
  assert.deepEqual(told, ['write hello', 'end', 'ack 5', { rows: 24, columns: 80 }, 'kill SIGINT']);
});

test('an exec that nobody waits for is abandoned, also while it is being started', async () => {
  const abandoned: string[] = [];
  const get = () => assert.fail('it may not run yet');
  const { order } = serving({ execs: { get, abandon: (id: string) => abandoned.push(id) } });
  await order('exec.kill', { id: '1e99f4', signal: null });
  assert.deepEqual(abandoned, ['1e99f4']);
});

test('a page of a log comes with its bytes', async () => {
  const page = {
    start: 0,
    end: 3,
    offset: 0,
    next: 3,
    times: [],
    dropped: 0,
    repo: 'webapp',
    commit: SPEC.commit,
  };
  const { order } = serving({ logs: { read: async () => ({ page, body: Buffer.from('abc') }) } });
  const answer = await order('logs.read', {
    id: '1e99f4',
    at: { kind: 'offset', offset: 0 },
    limit: 3,
    repo: null,
  });
  assert.ok(answer instanceof Answered);
  assert.equal(String(answer.body), 'abc');
  assert.equal(answer.result, page);
});

test('an order with a fence is carried out only after that was admitted, and keeps nothing of it', async () => {
  const fence = { app: 'webapp', created: 10, count: 5 };
  const { told, note, order } = serving({ supervisor: { specOf: () => ({}) } });
  const spec = { ...SPEC, labels: {} };
  const parts = { spawn: note('spawn', '1e99f4'), supervisor: { specOf: () => ({}) } };
  const admitting = serving({ ...parts, fences: { admit: note('admit') } });
  await admitting.order('spawn', { ...spec, fence });
  assert.deepEqual(told, [
    ['admit', fence],
    ['spawn', { ...SPEC, instance: null }],
  ]);
  await order('spawn', spec);
  const admit = () => {
    throw new FleetError('ESTALE', 'no');
  };
  const refusing = serving({ ...parts, fences: { admit } });
  const before = told.length;
  await assert.rejects(refusing.order('spawn', { ...spec, fence }), { code: 'ESTALE' });
  assert.equal(told.length, before);
});
