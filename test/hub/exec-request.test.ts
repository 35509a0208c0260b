import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demandTerminals } from '../../src/hub/exec-request.ts';
import { FEATURES, featuresOf } from '../../src/protocol/features.ts';
import { FakeConnection } from '../fixtures/fake-connection.ts';

const terminal = { term: 'xterm', rows: 24, columns: 80 };

test('a terminal on a drone that makes none is refused, and the message says what to do', () => {
  const old = new FakeConnection(featuresOf('1.0.0', []));
  assert.throws(() => demandTerminals(old, { terminal }), {
    code: 'ESPAWN',
    message: 'it runs fleet 1.0.0, which makes no terminals; upgrade it',
  });
  demandTerminals(old, { terminal: null });
  demandTerminals(new FakeConnection(featuresOf('1.0.0', FEATURES)), { terminal });
});
