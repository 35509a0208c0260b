import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clusterError,
  isNameTaken,
  isNoStream,
  isPassing,
  isTooFewPeers,
  isWrongSequence,
} from '../../../src/hub/store/nats-errors.ts';
import { FleetError } from '../../../src/protocol/errors.ts';

/** An error as the client throws it: of its own, or one that the server has answered. */
const errorOf = (name: string, more: { code?: number; status?: number } = {}) =>
  Object.assign(new Error('why'), { name, ...more });
const answered = (code: number, status: number) => errorOf('JetStreamApiError', { code, status });

const CASES: [error: unknown, is: string[], message: RegExp][] = [
  [errorOf('TimeoutError'), ['passing'], /does not answer, or has no majority/],
  [errorOf('JetStreamNotEnabled'), ['passing'], /does not answer/],
  [errorOf('ClosedConnectionError'), ['passing'], /does not answer/],
  [answered(10008, 503), ['passing'], /does not answer/],
  [answered(10005, 400), ['passing', 'too few'], /does not answer/],
  [answered(10071, 400), ['wrong sequence'], /refuses that: why/],
  [answered(10058, 400), ['name taken'], /refuses that: why/],
  [errorOf('StreamNotFoundError', { code: 10059, status: 404 }), ['no stream'], /refuses that/],
  [answered(10077, 400), [], /at nats:\/\/a refuses that: why/],
  [errorOf('AuthorizationError'), [], /does not let this hub in; see --cluster-creds/],
  ['no object', [], /refuses that: no object/],
];

for (const [error, is, message] of CASES)
  test(`what ${error} is, and how it is said`, () => {
    const found = {
      passing: isPassing(error),
      'too few': isTooFewPeers(error),
      'wrong sequence': isWrongSequence(error),
      'name taken': isNameTaken(error),
      'no stream': isNoStream(error),
    };
    const holding = Object.entries(found).flatMap(([name, holds]) => (holds ? [name] : []));
    assert.deepEqual(holding, is);
    const said = clusterError('nats://a', error);
    assert.deepEqual([said.code, message.test(said.message)], ['ECLUSTER', true], said.message);
  });

test('what is one of fleet already stays as it is', () => {
  const error = new FleetError('ECONFLICT', 'why');
  assert.equal(clusterError('nats://a', error), error);
});
