import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetError } from '../../src/protocol/errors.ts';
import { connectError, noAnswer } from '../../src/rpc/connect-error.ts';

const PLAIN = { host: 'hub', port: 7000, secure: false };
const TLS = { ...PLAIN, secure: true };

const failure = (message: string, code?: string) => Object.assign(new Error(message), code ? { code } : {});

test('errors of the system become instructions', () => {
  const table: [string, RegExp][] = [
    ['ECONNREFUSED', /nothing listens there/],
    ['ENOTFOUND', /no such host/],
    ['EAI_AGAIN', /could not be looked up/],
    ['CERT_HAS_EXPIRED', /certificate has expired/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /self-signed; give --fingerprint or --ca/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /give --ca/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another name; give --fingerprint/],
    ['EPROTO', /without https:\/\//],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /without https:\/\//],
  ];
  for (const [code, says] of table) {
    const cause = failure('in the words of the system', code);
    for (const address of [PLAIN, TLS]) {
      const error = connectError(cause, address);
      assert.equal(error.code, 'ECONNECT', code);
      assert.match(error.message, says, code);
      assert.match(error.message, /^cannot reach the hub at hub:7000: /, code);
      assert.equal(error.cause, cause, code);
    }
  }
});

test('an unknown error is printed unchanged, on one line', () => {
  const error = connectError(failure('strange things\nat a place', 'EWHATEVER'), PLAIN);
  assert.equal(error.message, 'cannot reach the hub at hub:7000: strange things');
});

test('a hub that closes at once uses TLS while the client does not, or the other way round', () => {
  const table: [Error, boolean, RegExp][] = [
    [failure('socket hang up', 'ECONNRESET'), false, /if the hub uses TLS, write https:\/\//],
    [
      failure('Parse Error: Expected HTTP/', 'HPE_INVALID_CONSTANT'),
      false,
      /if the hub uses TLS, write https:\/\//,
    ],
    [
      failure(
        'Client network socket disconnected before secure TLS connection was established',
        'ECONNRESET',
      ),
      true,
      /if the hub has no TLS, try without https:\/\//,
    ],
    [failure('read ECONNRESET', 'ECONNRESET'), false, /^cannot reach the hub at hub:7000: it hung up$/],
    [failure('socket hang up', 'ECONNRESET'), true, /^cannot reach the hub at hub:7000: it hung up$/],
  ];
  for (const [cause, secure, says] of table)
    assert.match(connectError(cause, { ...PLAIN, secure }).message, says, cause.message);
});

test('a timeout is ETIMEOUT, whoever noticed it', () => {
  const system = connectError(failure('connect ETIMEDOUT', 'ETIMEDOUT'), PLAIN);
  assert.equal(system.code, 'ETIMEOUT');
  assert.match(system.message, /^no answer from the hub at hub:7000;/);
  const own = noAnswer(PLAIN, 1_500);
  assert.equal(own.code, 'ETIMEOUT');
  assert.match(own.message, /^no answer from the hub at hub:7000 within 1\.5 s;/);
});

test("an error that is already fleet's own stays as it is", () => {
  const own = new FleetError('EAUTH', 'another fingerprint');
  assert.equal(connectError(own, TLS), own);
});
