import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialled } from '../../../src/hub/store/nats-dial.ts';

const USER = ['-----BEGIN NATS USER JWT-----', 'e30.e30.x', '------END NATS USER JWT------', ''].join('\n');
const SEED = (seed: string) =>
  ['-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', ''].join('\n');

/** Of no account: made for this test. */
const VALID = 'SUAJDW7K6FRSBYQ2NMA46MM4FXEQMVAAS7LT737EKQYWONUW7TWJKE4MBY';

test('a file that has no credentials is refused before anything is dialled', async () => {
  const lines: string[] = [];
  for (const text of ['', 'nonsense', USER, `${USER}\n${SEED('SUNONSENSE')}`]) {
    const options = { servers: ['nats://127.0.0.1:1'], creds: Buffer.from(text), name: 'h1' };
    const log = (line: string) => lines.push(line);
    await assert.rejects(
      dialled({ ...options, log }, { isFirst: true, isWanted: () => lines.length === 0 }),
      {
        ...{ code: 'ECONFIG', message: /^the file of --cluster-creds has no credentials/ },
      },
    );
  }
  assert.deepEqual(lines, []);
});

test('a server that is not reached is dialled until it is, or not wanted any more, which is said once', async () => {
  const lines: string[] = [];
  for (const creds of [null, Buffer.from(`${USER}\n${SEED(VALID)}`)]) {
    const options = { servers: ['nats://127.0.0.1:1'], creds, name: 'h1' };
    let tries = 0;
    const isWanted = () => ++tries <= 2;
    const log = (line: string) => lines.push(line);
    assert.equal(await dialled({ ...options, log }, { isFirst: true, isWanted }), null);
  }
  const line = 'the cluster at nats://127.0.0.1:1 is not reached; dialling until it is';
  assert.deepEqual(lines, [line, line]);
});
