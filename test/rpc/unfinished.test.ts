import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { WebSocket } from 'ws';
import { countUnfinished } from '../../src/rpc/unfinished.ts';

test('what has arrived of a message counts until that is whole, or the connection over', () => {
  const [ws, stream] = [new EventEmitter(), new EventEmitter()];
  let bytes = 0;
  countUnfinished(ws as unknown as WebSocket, stream as unknown as Duplex, (more) => {
    bytes += more;
  });
  const arrives = (length: number) => stream.emit('data', Buffer.alloc(length));
  arrives(10);
  arrives(20);
  assert.equal(bytes, 30);
  // A websocket tells of a message before anybody else hears of the chunk that ended it.
  ws.emit('message');
  arrives(5);
  assert.equal(bytes, 0);
  arrives(7);
  assert.equal(bytes, 7);
  ws.emit('close');
  assert.equal(bytes, 0);
});
