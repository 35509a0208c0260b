import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { FleetError } from '../../src/protocol/errors.ts';
import { FEATURES, featuresOf } from '../../src/protocol/features.ts';
import { Caller, type CallOptions, dispatcher } from '../../src/rpc/calls.ts';

const TABLE = {
  add: () => ({
    params: v.object({ a: v.number(), b: v.number(), times: v.optional(v.number(), 1) }),
    answer: v.object({ sum: v.number(), note: v.optional(v.string(), '') }),
    added: ['times'],
    about: 'Adds two numbers.',
  }),
  forget: () => ({ params: v.object({}), answer: v.null(), about: 'Has no answer.' }),
};

const incoming = (method: string, params: unknown) => ({ method, params, body: Buffer.alloc(0) });

/** A connection whose other end answers this, and that notes what it was sent. */
function makePeer(answer: unknown, features = featuresOf('1.0.0', FEATURES)) {
  const sent: unknown[] = [];
  const send = (method: string, params: unknown) => void sent.push([method, params]);
  return {
    sent,
    features,
    call: async (method: string, params: unknown) => {
      send(method, params);
      return { result: answer, body: Buffer.alloc(0) };
    },
    notify: send,
  };
}

const caller = (peer: ReturnType<typeof makePeer>) => new Caller(peer, TABLE, 'the hub');

test('a handler gets checked parameters, without unknown keys, and with defaults for missing ones', async () => {
  const seen: unknown[] = [];
  const dispatch = dispatcher(TABLE, {
    add: (params) => {
      seen.push(params);
      return { sum: (params.a + params.b) * params.times };
    },
    forget: () => {},
  });
  assert.deepEqual(await dispatch(incoming('add', { a: 1, b: 2, since: '3.0' })), { sum: 3 });
  assert.deepEqual(seen, [{ a: 1, b: 2, times: 1 }]);
  assert.equal(await dispatch(incoming('forget', {})), null);
});

test('a call that is not in the table, or has the wrong shape, reaches no handler', async () => {
  const unreached = () => assert.fail('a handler was called');
  const dispatch = dispatcher(TABLE, { add: unreached, forget: unreached });
  for (const [method, params, message] of [
    ['nope', {}, 'no such call: nope'],
    ['constructor', {}, 'no such call: constructor'],
    ['add', { a: 1 }, /^add: b: /],
    ['add', null, /^add: /],
  ] as const)
    await assert.rejects(dispatch(incoming(method, params)), { code: 'EPROTOCOL', message });
});

test('authorization is checked before the parameters', async () => {
  const order: string[] = [];
  const dispatch = dispatcher(
    TABLE,
    { add: () => ({ sum: 0 }), forget: () => {} },
    {
      allow: (method) => {
        order.push(`allow ${method}`);
        if (method === 'add') throw new FleetError('EFORBIDDEN', 'no');
      },
      around: async (method, _params, call) => {
        order.push(`around ${method}`);
        return call();
      },
    },
  );
  await assert.rejects(dispatch(incoming('add', 'nonsense')), { code: 'EFORBIDDEN' });
  await dispatch(incoming('forget', {}));
  assert.deepEqual(order, ['allow add', 'allow forget', 'around forget']);
});

test('an answer of the wrong shape is one clear error; unknown keys in it are dropped', async () => {
  const good = await caller(makePeer({ sum: 3, more: 'x' })).call('add', { a: 1, b: 2 });
  assert.deepEqual(good.result, { sum: 3, note: '' });
  for (const nonsense of [null, 7, 'x', [], {}, { sum: '3' }]) {
    await assert.rejects(caller(makePeer(nonsense)).call('add', { a: 1, b: 2 }), {
      code: 'EPROTOCOL',
      message: /^the answer of the hub to add: /,
    });
  }
});

test('a peer that names no features is sent only what it knows', async () => {
  const options: CallOptions = { timeout: 5 };
  const first = makePeer({ sum: 3 }, featuresOf(undefined, []));
  await caller(first).call('add', { a: 1, b: 2, times: 3 }, options);
  caller(first).notify('add', { a: 1, b: 2, times: 3 });
  const known = ['add', { a: 1, b: 2 }];
  assert.deepEqual(first.sent, [known, known]);
  const today = makePeer({ sum: 3 });
  await caller(today).call('add', { a: 1, b: 2, times: 3 });
  assert.deepEqual(today.sent, [['add', { a: 1, b: 2, times: 3 }]]);
});
