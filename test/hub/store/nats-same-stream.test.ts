import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { NatsLink } from '../../../src/hub/store/nats-link.ts';
import { SameStream } from '../../../src/hub/store/nats-same-stream.ts';

const CREATED = '2026-01-01T00:00:00Z';

/** A stream that servers say is there, and how often they were asked. */
function sameStream() {
  const asked = { times: 0, replaced: 0, created: CREATED };
  const info = async () => {
    asked.times++;
    return { created: asked.created };
  };
  const link = Object.assign(new EventEmitter(), {
    where: 'nats://127.0.0.1:4222',
    ask: (act: (engine: object) => unknown) => act({ jsm: { streams: { info } } }),
    get deadline() {
      return performance.now() + 60_000;
    },
  });
  const replaced = async () => {
    asked.replaced++;
  };
  const options = { name: 'fleet', ttlMs: null };
  const stream = new SameStream(link as unknown as NatsLink, options, Date.parse(CREATED), replaced);
  return { stream, asked };
}

const notFound = () => Object.assign(new Error('stream not found'), { name: 'StreamNotFoundError' });

test('a server that does not know the stream yet is asked again, once it is sure that there is one', async () => {
  const { stream, asked } = sameStream();
  let tries = 0;
  const answer = await stream.on(async () => {
    if (++tries < 3) throw notFound();
    return 'done';
  });
  assert.deepEqual([answer, tries, asked.times, asked.replaced], ['done', 3, 2, 0]);
});

test('what is stored is stored anew before it is asked again, if another stream is there', async () => {
  const { stream, asked } = sameStream();
  let tries = 0;
  await stream.on(async () => {
    asked.created = '2026-01-02T00:00:00Z';
    if (++tries < 2) throw notFound();
  });
  assert.deepEqual([asked.replaced, stream.created], [1, Date.parse('2026-01-02T00:00:00Z')]);
});

test('it is asked again for a while only, and not at all after another error', async () => {
  const { stream } = sameStream();
  let tries = 0;
  const fail = (error: Error) => async () => {
    tries++;
    throw error;
  };
  const missing = stream.on(fail(notFound()), performance.now() + 100);
  await assert.rejects(missing, { code: 'ECLUSTER', message: /refuses that: stream not found/ });
  const other = stream.on(fail(new Error('no')));
  await assert.rejects(other, { code: 'ECLUSTER', message: /refuses that: no/ });
  assert.equal(tries, 2);
});
