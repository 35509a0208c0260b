import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { callForBody, expectsContinue } from '../../src/proxy/expectation.ts';

test('a client that waits is told to go on once, and one that does not wait is not', () => {
  let told = 0;
  const response = { writeContinue: () => told++ } as unknown as ServerResponse;
  const [waits, sends] = [{}, {}] as IncomingMessage[] as [IncomingMessage, IncomingMessage];
  expectsContinue(waits);
  for (const request of [sends, waits, waits]) callForBody(request, response);
  assert.equal(told, 1);
});
