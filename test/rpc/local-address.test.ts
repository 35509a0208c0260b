import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { localAddressOf } from '../../src/rpc/local-address.ts';

const of = (stream: unknown) => localAddressOf({ options: { stream } } as never);
const socketAt = (localAddress: string | undefined) =>
  Object.create(Socket.prototype, { localAddress: { value: localAddress } });

test('this end of a connection has the address that others write, also on a socket for both families', () => {
  assert.equal(of(socketAt('10.0.0.5')), '10.0.0.5');
  assert.equal(of(socketAt('::ffff:10.0.0.5')), '10.0.0.5');
  assert.equal(of(socketAt('fd00::ffff:1')), 'fd00::ffff:1');
});

test('a connection that is over, or is no socket, has no address', () => {
  assert.equal(of(socketAt(undefined)), null);
  assert.equal(of(new PassThrough()), null);
});
