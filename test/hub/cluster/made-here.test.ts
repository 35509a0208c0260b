import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MadeHere, type MakingParts } from '../../../src/hub/cluster/made-here.ts';
import type { OtherHub } from '../../../src/hub/cluster/other-hubs.ts';

type Passed = Parameters<ReturnType<MadeHere['handlers']>['client.call']>[0];

const CALL: Passed = {
  key: 'a'.repeat(32),
  who: { name: 'ci', address: '::1', rights: ['deploy'], repo: null },
  method: 'app.promote',
  params: { repo: 'app', stage: null },
};

/** Returns what passes a call on to the hub that leads, which answers with how many it has made. */
function leading() {
  let made = 0;
  const promote = async () => {
    made += 1;
    return { app: 'app', release: made, seq: 0 };
  };
  const parts = {
    directory: { get: () => undefined },
    appService: { leader: { isHere: true } },
    handlersOf: () => ({ 'app.promote': promote }),
  };
  const here = new MadeHere(parts as unknown as MakingParts);
  const other = () => ({ gone: new Promise<never>(() => {}) }) as unknown as OtherHub;
  return async (passed: Partial<Passed> = {}) => {
    const answer = (await here.handlers(other())['client.call']({ ...CALL, ...passed }, Buffer.alloc(0))) as {
      answer: { result?: { release: number }; release?: number };
    };
    return answer.answer.result?.release ?? answer.answer.release;
  };
}

test('a call that comes again, over another link, gets the same answer', async () => {
  const call = leading();
  assert.deepEqual([await call(), await call()], [1, 1]);
});

test('the key of a call of somebody else, or of another one, gets no answer to that', async () => {
  const call = leading();
  assert.equal(await call(), 1);
  assert.equal(await call({ who: { ...CALL.who, name: 'other' } }), 2);
  assert.equal(await call({ who: { ...CALL.who, accessor: 'ab12' } }), 3);
  assert.equal(await call({ params: { repo: 'app', stage: 'next' } }), 4);
  assert.equal(await call(), 1);
});
