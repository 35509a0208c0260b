import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countNewlines,
  LineBuffer,
  linesOf,
  prefixLines,
  utf8Length,
  wholeLines,
} from '../../src/system/lines.ts';

const text = fc
  .array(fc.constantFrom('a', 'é', '字', '🚀', '\n', '\r\n', ' '))
  .map((parts) => parts.join(''));

test('lines are counted by their ends', () => {
  for (const [written, count] of [
    ['', 0],
    ['a', 0],
    ['a\nb', 1],
    ['a\n\nb\n', 3],
    ['\n', 1],
  ] as const)
    assert.equal(countNewlines(Buffer.from(written)), count, JSON.stringify(written));
});

test('whole lines end at the last newline, and never beyond the bytes that count', () => {
  const bytes = Buffer.from('one\ntwo\nthr');
  assert.deepEqual(
    [11, 8, 7, 4, 3, 0].map((length) => wholeLines(bytes, length)),
    [8, 8, 4, 4, 0, 0],
  );
  assert.equal(wholeLines(bytes), 8);
  assert.equal(wholeLines(Buffer.alloc(0)), 0);
});

test('no chunk of text ends inside a character', () => {
  fc.assert(
    fc.property(text, fc.nat(), (written, at) => {
      const bytes = Buffer.from(written);
      const length = bytes.length === 0 ? 0 : at % (bytes.length + 1);
      const cut = utf8Length(bytes, length);
      assert.ok(cut <= length && length - cut < 4);
      if (length > 3) assert.ok(!bytes.toString('utf8', 0, cut).includes('\ufffd'));
    }),
  );
});

test('bytes that are not text are split anywhere, and not held back for ever', () => {
  assert.equal(utf8Length(Buffer.alloc(8, 0x80)), 8);
  assert.equal(utf8Length(Buffer.from([0x61, 0xc3])), 1);
  assert.equal(utf8Length(Buffer.from([0xc3, 0x61])), 2);
  assert.equal(utf8Length(Buffer.from([0xc3])), 1, 'a reader who asks for one byte gets on');
  assert.equal(utf8Length(Buffer.alloc(0)), 0);
});

test('the newline at the end of the last line does not begin another', () => {
  assert.deepEqual(linesOf(''), []);
  assert.deepEqual(linesOf('\n'), ['']);
  assert.deepEqual(linesOf('a\n\nb'), ['a', '', 'b']);
  assert.deepEqual(linesOf('a\n\nb\n'), ['a', '', 'b']);
});

test('each line gets its prefix, and the last one its newline', () => {
  assert.equal(prefixLines('a\n\nb', '> '), '> a\n> \n> b\n');
  assert.equal(prefixLines('a\n', '> '), '> a\n');
  assert.equal(prefixLines('\n', '> '), '> \n');
});

test('lines that arrive in chunks come out whole, with every byte in place', () => {
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 0, max: 5 })), (written, lengths) => {
      const bytes = Buffer.from(written);
      const buffer = new LineBuffer();
      const out: Buffer[] = [];
      let at = 0;
      for (const length of [...lengths, bytes.length]) {
        const whole = buffer.push(bytes.subarray(at, at + length));
        assert.equal(wholeLines(whole), whole.length, 'nothing unfinished comes out');
        out.push(whole);
        at = Math.min(bytes.length, at + length);
      }
      const last = buffer.end();
      assert.equal(countNewlines(last), 0, 'nothing finished is held back');
      assert.ok(Buffer.concat([...out, last]).equals(bytes));
      assert.ok(buffer.isEmpty);
      assert.equal(buffer.end().length, 0);
    }),
  );
});

test('an unfinished line does not keep the message that it came in in memory', () => {
  const buffer = new LineBuffer();
  const message = Buffer.from('one\ntwo');
  buffer.push(message);
  message.fill(0);
  assert.equal(String(buffer.push(Buffer.from('\n'))), 'two\n');
});
