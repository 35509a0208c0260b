import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pack, unpack } from '../../src/rpc/frames.ts';

test('text and body are unpacked as they were packed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array(), (text, bytes) => {
      const unpacked = unpack(pack(text, Buffer.from(bytes)));
      assert.equal(unpacked?.text, text);
      assert.ok(unpacked.body.equals(Buffer.from(bytes)));
    }),
    { seed: 7 },
  );
});

test('a frame is the length of the JSON in bytes, the JSON, and the body', () => {
  assert.deepEqual(pack('"ü"', Buffer.from('ab')), Buffer.from('\0\0\0\x04"\xc3\xbc"ab', 'latin1'));
  assert.deepEqual(pack('', Buffer.alloc(0)), Buffer.alloc(4));
});

test('a frame that is shorter than its length is invalid', () => {
  const whole = pack('{"a":1}', Buffer.alloc(0));
  assert.equal(unpack(whole)?.text, '{"a":1}');
  for (let length = 0; length < whole.length; length++)
    assert.equal(unpack(whole.subarray(0, length)), null, `${length} bytes`);
  for (const size of [8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const lying = Buffer.from(whole);
    lying.writeUInt32BE(size);
    assert.equal(unpack(lying), null, `says ${size}`);
  }
});

test('a body is not copied', () => {
  const frame = pack('{}', Buffer.from('abc'));
  assert.equal(unpack(frame)?.body.buffer, frame.buffer);
});
