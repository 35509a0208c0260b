import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callKeyed } from '../../src/client/call-keyed.ts';
import type { Link } from '../../src/client/link.ts';
import { featuresOf } from '../../src/protocol/features.ts';

test('only a hub that knows keys is called again, with the same one', async () => {
  for (const features of [['app-keys'], []]) {
    const calls: [string, unknown][] = [];
    const answer = (how: string) => async (_: string, params: { key?: string }) => {
      calls.push([how, params.key]);
      return { result: { app: 'webapp', release: 2, seq: 1 }, isRepeated: true };
    };
    const link = {
      features: async () => featuresOf('1.0.0', features),
      ...{ call: answer('call'), callOnce: answer('callOnce') },
    } as unknown as Link;
    const { isRepeated } = await callKeyed(link, 'app.down', { repo: 'webapp' });
    const [[how, key] = []] = calls;
    assert.equal(calls.length, 1);
    if (features.length > 0) assert.match(String(key), /^[0-9a-f]{32}$/);
    else assert.equal(key, undefined);
    assert.deepEqual([how, isRepeated], features.length > 0 ? ['call', true] : ['callOnce', false]);
  }
});
