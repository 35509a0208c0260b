import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featuresOf } from '../../src/protocol/features.ts';
import { EMPTY } from '../../src/rpc/frames.ts';
import { receivedReply, sentReply } from '../../src/rpc/long-answer.ts';

const NEWER = featuresOf('1.1.0', ['long-answers']);
const OLDER = featuresOf('1.0.0', []);
const LONG = { result: JSON.stringify('ü"'.repeat(10_000)), body: EMPTY };

test('a long answer is sent as the body, and is received as it was', () => {
  const sent = sentReply(LONG, NEWER);
  assert.equal(sent.result, '');
  assert.equal(sent.body.toString(), LONG.result);
  assert.deepEqual(receivedReply(sent), LONG);
});

test('a short answer, one with bytes beside it, and any to an older peer is sent as it is', () => {
  const short = { result: 'null', body: EMPTY };
  const both = { ...LONG, body: Buffer.from('bytes') };
  for (const [reply, features] of [
    [short, NEWER],
    [both, NEWER],
    [LONG, OLDER],
  ] as const) {
    assert.deepEqual(sentReply(reply, features), reply);
    assert.deepEqual(receivedReply(reply), reply);
  }
});
