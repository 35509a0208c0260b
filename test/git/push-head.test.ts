import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PushHeadParser } from '../../src/git/push-head.ts';
import { command, FLUSH, packet } from '../fixtures/push.ts';

const ZERO = '0'.repeat(40);
const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];

const parse = (bytes: string | Buffer) => new PushHeadParser().add(Buffer.from(bytes as string));

test('a push names the refs that it changes, and the capabilities of its client', () => {
  const head = `${command('refs/heads/main', ZERO, A, 'report-status side-band-64k agent=git/2.39')}${command('refs/tags/v1', A, B)}${FLUSH}PACK…`;
  assert.deepEqual(parse(head), {
    commands: [
      { ref: 'refs/heads/main', before: ZERO, after: A },
      { ref: 'refs/tags/v1', before: A, after: B },
    ],
    capabilities: ' report-status side-band-64k agent=git/2.39',
    isShallow: false,
    bytes: head.indexOf('PACK'),
  });
});

test('the newline after a command may be missing, and a shallow clone names its boundary', () => {
  const head = `${packet(`shallow ${B}`)}${packet(`${ZERO} ${A} refs/heads/main\0 report-status`)}${FLUSH}`;
  assert.deepEqual(parse(head), {
    commands: [{ ref: 'refs/heads/main', before: ZERO, after: A }],
    capabilities: ' report-status',
    isShallow: true,
    bytes: head.length,
  });
  assert.deepEqual(parse(FLUSH), { commands: [], capabilities: '', isShallow: false, bytes: 4 });
});

test('nothing is decided before the head is complete', () => {
  const head = Buffer.from(
    `${command('refs/heads/größe', ZERO, A, 'report-status')}${command('refs/tags/v1')}${FLUSH}`,
  );
  for (let length = 0; length < head.length; length++)
    assert.equal(parse(head.subarray(0, length)), undefined);
  assert.equal(parse(head)?.commands.length, 2);
});

for (const [what, head] of [
  ['a length that is no number', `xyz!${A}`],
  ['a length with a sign', `+04f${A}`],
  ['a length that ends before it begins', '0003'],
  ['an empty packet', '0004'],
  ['a ref outside of refs/', command('HEAD')],
  ['a ref with a space in it', command('refs/heads/a b')],
  ['no ref', packet(`${ZERO} ${A}`)],
  ['a hash that is too short', packet(`${ZERO} abc refs/heads/main`)],
  ['hashes of SHA-256', packet(`${'0'.repeat(64)} ${'a'.repeat(64)} refs/heads/main`)],
  ['a ref without an end', command(`refs/heads/${'x'.repeat(1_001)}`)],
  ['another line', packet('push-cert\0 report-status')],
] as const) {
  test(`anything that is not a push is refused: ${what}`, () => {
    assert.throws(() => parse(`${head}${FLUSH}`), { code: 'EPROTOCOL' });
  });
}

test('the head is the same in whatever chunks it arrives', () => {
  const refs = fc.array(fc.constantFrom('refs/heads/a', 'refs/tags/größe', `refs/fleet/${A}`), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(refs, fc.array(fc.integer({ min: 1, max: 90 })), (names, lengths) => {
      const bytes = Buffer.from(`${names.map((name) => command(name)).join('')}${FLUSH}`);
      const parser = new PushHeadParser();
      let at = 0;
      for (const length of lengths) {
        if (at + length >= bytes.length) break;
        assert.equal(parser.add(bytes.subarray(at, at + length)), undefined);
        at += length;
      }
      assert.deepEqual(parser.add(bytes.subarray(at)), parse(bytes));
    }),
  );
});

test('reading a push of many refs in small chunks copies little more than its length', (t) => {
  const bytes = Buffer.from(`${command('refs/heads/x').repeat(10_000)}${FLUSH}`);
  const { concat } = Buffer;
  let copied = 0;
  t.mock.method(Buffer, 'concat', (list: Uint8Array[], length?: number) => {
    const all = concat(list, length);
    copied += all.length;
    return all;
  });
  const parser = new PushHeadParser();
  let head: ReturnType<typeof parser.add>;
  for (let at = 0; at < bytes.length; at += 50) head = parser.add(bytes.subarray(at, at + 50));
  assert.equal(head?.commands.length, 10_000);
  assert.ok(copied < 3 * bytes.length, `${copied} bytes were copied of ${bytes.length}`);
});

test('a push that changes more refs than anybody has is refused', () => {
  const parser = new PushHeadParser();
  const many = Buffer.from(command('refs/heads/x').repeat(1_000));
  assert.throws(
    () => {
      for (let n = 0; n < 100; n++) parser.add(many);
    },
    { code: 'EPROTOCOL', message: /too many refs/ },
  );
});
