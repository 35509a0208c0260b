import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnswer } from '../../src/rpc/http-answer.ts';

const OK = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: a\r\nx:b\r\n\r\n';

test('an answer has a status, headers by their names in lower case, and what came after it', () => {
  const answer = parseAnswer(Buffer.from(`${OK}\x81\x00`, 'latin1'));
  assert.deepEqual(
    { ...answer, headers: { ...answer?.headers } },
    { status: 101, headers: { upgrade: 'websocket', x: 'a, b' }, rest: Buffer.from([0x81, 0]) },
  );
});

test('wherever an answer is cut, the rest is waited for', () => {
  for (let length = 0; length < OK.length; length++)
    assert.equal(parseAnswer(Buffer.from(OK.slice(0, length))), null, String(length));
});

test('an answer that announces another is passed over', () => {
  assert.equal(parseAnswer(Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n')), null);
  assert.equal(parseAnswer(Buffer.from(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}`))?.status, 101);
});

test('what is not HTTP, or has no end, is refused as node refuses it', () => {
  const tls = Buffer.from('\x15\x03\x03', 'latin1');
  const texts = [
    'SSH-2.0-OpenSSH',
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.1 abc\r\n\r\n',
    `HTTP/1.1 200\r\n${'x'.repeat(16_384)}`,
  ];
  for (const bytes of [tls, ...texts.map((text) => Buffer.from(text))])
    assert.throws(() => parseAnswer(bytes), { code: 'HPE_INVALID_CONSTANT' }, String(bytes).slice(0, 20));
});
