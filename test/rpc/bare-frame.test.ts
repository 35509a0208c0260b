import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { bareFrame } from '../../src/rpc/bare-frame.ts';
import { pack } from '../../src/rpc/frames.ts';
import { lasting } from '../../src/rpc/lasting.ts';
import { clientSocket, serverSocket } from '../../src/rpc/stream-socket.ts';

const TEXT = '{"method":"exec.output","text":"größer"}';
const LIMITS = { maxPayload: 1_000_000 };

test('a large body is sent in a frame as it is, and the other end reads what it reads of a whole frame', async () => {
  for (const length of [16_384, 65_000, 65_536, 300_000]) {
    const body = lasting(Buffer.alloc(length, 'x'));
    for (const [masking, socketOn] of [
      ['none', clientSocket],
      ['zeros', serverSocket],
    ] as const) {
      const pieces = bareFrame(TEXT, body, masking);
      assert.ok(pieces);
      assert.equal(pieces[1], body);
      const stream = new PassThrough();
      const socket = socketOn(stream, Buffer.alloc(0), LIMITS);
      const arrived = once(socket, 'message');
      for (const piece of pieces) stream.write(piece);
      const [data, isBinary] = await arrived;
      assert.ok(isBinary);
      assert.ok(pack(TEXT, body).equals(data as Buffer), `${length} bytes, masked: ${masking}`);
      socket.terminate();
    }
  }
});

test('a small body is copied, and so is one that has to be masked, or that may change', () => {
  assert.equal(bareFrame(TEXT, lasting(Buffer.alloc(16_383)), 'none'), null);
  assert.equal(bareFrame(TEXT, lasting(Buffer.alloc(100_000)), undefined), null);
  assert.equal(bareFrame(TEXT, Buffer.alloc(100_000), 'none'), null);
});
