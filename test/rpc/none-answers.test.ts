import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetError } from '../../src/protocol/errors.ts';
import { connectError, noAnswer } from '../../src/rpc/connect-error.ts';
import { nameOf, noneAnswers } from '../../src/rpc/none-answers.ts';

const address = { host: 'h', port: 7000, secure: false };
const refused = connectError(Object.assign(new Error(), { code: 'ECONNREFUSED' }), address);
const silent = noAnswer(address, 8_900);
const full = new FleetError('ELIMIT', 'too many connections');

test('the error names each hub and why, in an order that does not change', () => {
  const { message } = noneAnswers([
    { hub: 'h3', error: silent },
    { hub: 'https://h1:1', error: refused },
    { hub: 'h2', error: full },
  ]);
  assert.equal(
    message,
    'none of the hubs answers: h2:7000 (too many connections), h3:7000 (no answer), h1:1 (nothing listens there)',
  );
});

test('its code is that of the hub which says most', () => {
  const codeOf = (...errors: FleetError[]) => noneAnswers(errors.map((error) => ({ hub: 'h', error }))).code;
  assert.deepEqual(
    [codeOf(silent, silent), codeOf(silent, refused), codeOf(silent, refused, full)],
    ['ETIMEOUT', 'ECONNECT', 'ELIMIT'],
  );
});

test('if one refuses connections, that is the cause', () => {
  const { cause } = noneAnswers([
    { hub: 'h1', error: silent },
    { hub: 'h2', error: refused },
  ]);
  assert.equal(cause, refused.cause);
});

test('a hub is named with its port', () => {
  assert.deepEqual(['h1', 'https://[::1]:1/'].map(nameOf), ['h1:7000', '[::1]:1']);
});
