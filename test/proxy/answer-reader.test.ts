import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AnswerHead, BadAnswer } from '../../src/proxy/answer-head.ts';
import { AnswerReader } from '../../src/proxy/answer-reader.ts';

/** An answer as it was told of. */
interface Told {
  heads: AnswerHead[];
  body: string;
  trailers: string[] | null;
}

const crlf = (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1');

/** Has what comes in these pieces read as the answer to one request. */
function read(
  pieces: readonly Buffer[],
  method = 'GET',
): Told & { isReusable: boolean; reader: AnswerReader } {
  const told: Told = { heads: [], body: '', trailers: null };
  const reader = new AnswerReader();
  reader.begin(method, {
    head: (head) => told.heads.push(head),
    body: (piece) => {
      told.body += piece.toString('latin1');
    },
    end: (piece, trailers) => {
      told.body += piece?.toString('latin1') ?? '';
      assert.equal(told.trailers, null, 'it ends once');
      told.trailers = trailers;
    },
  });
  for (const piece of pieces) reader.read(piece);
  return { ...told, isReusable: reader.isReusable, reader };
}

const PLAIN = 'HTTP/1.1 200 OK\nContent-Length: 5\nX: \t y \n\nhello';
const CHUNKED =
  'HTTP/1.1 200 OK\ntransfer-encoding: Chunked\n\n5;a="b"\nhello\nA \n, everyone\n0\nX-Sum: 1\n\n';

test('an answer is read the same way however it is cut', () => {
  for (const [text, body, trailers] of [
    [PLAIN, 'hello', []],
    [CHUNKED, 'hello, everyone', ['X-Sum', '1']],
    [`HTTP/1.1 103 Early Hints\nLink: a\n\n${PLAIN}`, 'hello', []],
    ['HTTP/1.1 204 No Content\n\n', '', []],
    ['HTTP/1.1 304 Not Modified\nContent-Length: 7\n\n', '', []],
    ['HTTP/1.1 200\nContent-Length: 0\n\n', '', []],
  ] as const) {
    const all = crlf(text);
    const cuts = fc.array(fc.nat({ max: all.length }), { maxLength: 5 });
    fc.assert(
      fc.property(cuts, (places) => {
        const ends = [...places.sort((a, b) => a - b), all.length];
        const told = read(ends.map((end, n) => all.subarray(ends[n - 1] ?? 0, end)));
        assert.deepEqual([told.body, told.trailers, told.isReusable], [body, trailers, true], text);
      }),
    );
    const bytes = Array.from(all, (_, at) => all.subarray(at, at + 1));
    assert.equal(read(bytes).body, body);
  }
});

test('its head is what came, and what is said before it comes first', () => {
  const { heads } = read([crlf(`HTTP/1.1 103 Early Hints\nLink: </a>\nLink: </b>\n\n${PLAIN}`)]);
  assert.deepEqual(heads, [
    { status: 103, reason: 'Early Hints', rawHeaders: ['Link', '</a>', 'Link', '</b>'], connection: '' },
    { status: 200, reason: 'OK', rawHeaders: ['Content-Length', '5', 'X', 'y'], connection: '' },
  ]);
});

test('an answer without a length ends with the connection, and one with a length does not', () => {
  const open = read([crlf('HTTP/1.1 200 OK\n\nhel'), Buffer.from('lo')]);
  assert.deepEqual([open.body, open.trailers], ['hello', null]);
  open.reader.finish();
  assert.equal(open.reader.isReusable, false);
  for (const text of [PLAIN.slice(0, -1), CHUNKED.slice(0, -2), 'HTTP/1.1 200 OK\nContent-Le', ''])
    assert.throws(() => read([crlf(text)]).reader.finish(), BadAnswer, text);
  read([crlf(PLAIN)]).reader.finish();
});

test('the answer to HEAD has no body, whatever it says', () => {
  for (const framing of ['Content-Length: 5', 'Transfer-Encoding: chunked', 'X: y']) {
    const told = read([crlf(`HTTP/1.1 200 OK\n${framing}\n\n`)], 'HEAD');
    assert.deepEqual([told.body, told.trailers, told.isReusable], ['', [], true]);
  }
});

test('a connection is used again only if its instance leaves it open, and has said nothing else', () => {
  for (const [text, isReusable] of [
    [PLAIN, true],
    [PLAIN.replace('X:', 'Connection: Keep-Alive, Upgrade\nX:'), true],
    [PLAIN.replace('X:', 'Connection: x, Close\nX:'), false],
    [PLAIN.replace('1.1', '1.0'), false],
    [PLAIN.replace('1.1', '1.0').replace('X:', 'Connection: keep-alive\nX:'), true],
    [`${PLAIN}H`, false],
    [`${PLAIN}${PLAIN}`, false],
    ['HTTP/1.1 204 No Content\n\nx', false],
  ] as const) {
    const reader = new AnswerReader();
    let atEnd: boolean | null = null;
    const end = () => {
      atEnd = reader.isReusable;
    };
    reader.begin('GET', { head: () => {}, body: () => {}, end });
    try {
      reader.read(crlf(text));
    } catch {
      // Something comes behind it.
    }
    assert.equal(atEnd, isReusable, text);
  }
});

test('what nobody has asked for is an error', () => {
  const { reader } = read([crlf(PLAIN)]);
  assert.throws(() => reader.read(Buffer.from('H')), BadAnswer);
});

test('what is not HTTP/1.1, or can be read in two ways, is an error', () => {
  const chunk = (text: string) => `HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n${text}`;
  for (const text of [
    'HTTP/2 200 OK\n\n',
    'HTTP/1.1 20 OK\n\n',
    'HTTP/1.1 099 OK\n\n',
    'SSH-2.0-OpenSSH\n\n',
    '\nHTTP/1.1 200 OK\n\n',
    'HTTP/1.1 101 Switching Protocols\nUpgrade: x\n\n',
    PLAIN.replace('X:', ' X:'),
    PLAIN.replace('X:', ':'),
    PLAIN.replace('X:', 'X'),
    PLAIN.replace('X:', 'Content-Length: 5\nX:'),
    PLAIN.replace('X:', 'Content-Length: 6\nX:'),
    PLAIN.replace('X:', 'Transfer-Encoding: chunked\nX:'),
    PLAIN.replace(': 5', ': 5, 5'),
    PLAIN.replace(': 5', ': +5'),
    PLAIN.replace(': 5', ': 0x5'),
    PLAIN.replace(': 5', ':'),
    PLAIN.replace(': 5', ': 9999999999999999'),
    chunk('5\nhello\n').replace('chunked', 'gzip, chunked'),
    chunk('5\nhello\n').replace('chunked\n', 'chunked\nTransfer-Encoding: chunked\n'),
    chunk('5\nhello\n').replace('chunked', ''),
    chunk('5\nhello\n').replace('1.1', '1.0'),
    chunk('x\n'),
    chunk('-1\n'),
    chunk('0x5\nhello\n'),
    chunk(' 5\nhello\n'),
    chunk('fffffffffffff\n'),
    chunk('5\nhello!\n'),
    chunk('0\nX\n\n'),
    chunk(`0\n${'X: y\n'.repeat(20_000)}`),
    chunk(`5;${'x'.repeat(20_000)}`),
    `HTTP/1.1 200 OK\nX: ${'y'.repeat(70_000)}\n\n`,
    `HTTP/1.1 200 OK\nX: ${'y'.repeat(70_000)}`,
  ])
    assert.throws(() => read([crlf(text)]), BadAnswer, text.slice(0, 100));
  for (const text of ['HTTP/1.1 200 OK\n\n', 'HTTP/1.1 200 OK\r\nX: y\n\n'])
    assert.throws(() => read([Buffer.from(text)]), BadAnswer);
  assert.throws(() => read([Buffer.from(chunk('5\nhello\n').replace('\n\n', '\r\n\r\n'))]), BadAnswer);
});
