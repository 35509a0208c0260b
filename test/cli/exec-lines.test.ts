import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinePrefixer, terminalText } from '../../src/cli/exec-lines.ts';
import { OpenLine } from '../../src/cli/open-line.ts';

/** What comes out when the bytes come in pieces of these lengths. */
function prefixed(bytes: Buffer, lengths: number[]): string {
  const lines = new LinePrefixer('[w#1] ', new OpenLine());
  let text = '';
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    text += lines.push(bytes.subarray(at, at + length));
    at += length;
  }
  return Buffer.from(text + lines.end(), 'latin1').toString('utf8');
}

test('lines come out whole however they arrive, and no character is split', () => {
  const text = fc.array(fc.constantFrom('a', 'é', '🚀', '\n', ' ', '字')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 7 })), (written, lengths) => {
      const lines = written.split('\n');
      if (lines.at(-1) === '') lines.pop();
      const expected = lines.map((line) => `[w#1] ${line}\n`).join('');
      assert.equal(prefixed(Buffer.from(written), lengths), expected);
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('bytes that are not text stay unchanged', () => {
  const lines = new LinePrefixer('> ', new OpenLine());
  const bytes = Buffer.from([0xff, 0x00, 0x0a, 0xc3]);
  const out = Buffer.from(lines.push(bytes) + lines.end(), 'latin1');
  assert.deepEqual(out, Buffer.from([0x3e, 0x20, 0xff, 0x00, 0x0a, 0x3e, 0x20, 0xc3, 0x0a]));
});

test('for a terminal, text is decoded and made safe', () => {
  const lines = new LinePrefixer('[w#1] ', new OpenLine());
  assert.equal(terminalText(lines.push(Buffer.from('é\x1b[2J\r\n'))), '[w#1] é^[[2J\n');
});
