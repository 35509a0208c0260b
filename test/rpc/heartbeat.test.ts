import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { beforeEach, type TestContext, test } from 'node:test';
import type { WebSocket } from 'ws';
import { Heartbeat } from '../../src/rpc/heartbeat.ts';
import { Clock } from '../fixtures/clock.ts';

/** A websocket that counts its pings. */
class Socket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  pings = 0;

  ping(): void {
    this.pings++;
  }
}

const EVERY = 1_000;
const DEAD_AFTER_MS = 2_500;
let deaths: number[];
let socket: Socket;
beforeEach(() => {
  deaths = [];
  socket = new Socket();
});

function beat(t: TestContext, every = EVERY): { clock: Clock; heartbeat: Heartbeat } {
  const clock = new Clock(t);
  const heartbeat = new Heartbeat(socket as unknown as WebSocket, every, DEAD_AFTER_MS, () => {
    deaths.push(clock.now);
    heartbeat.stop();
  });
  return { clock, heartbeat };
}

test('a peer that answers with a pong, a ping or any frame is kept', (t) => {
  const { clock, heartbeat } = beat(t);
  for (const answer of [
    () => socket.emit('pong'),
    () => socket.emit('ping'),
    () => heartbeat.seen(clock.now),
    () => socket.emit('pong'),
  ]) {
    clock.pass(2_400);
    answer();
  }
  assert.deepEqual(deaths, []);
});

test('a peer is pinged every second, and not when it has been heard just before', (t) => {
  const { clock, heartbeat } = beat(t);
  const pong = () => socket.emit('pong');
  socket.ping = () => {
    socket.pings++;
    setTimeout(pong, 10);
  };
  clock.pass(4 * EVERY);
  assert.equal(socket.pings, 4, 'what it answers is no reason to leave the next one out');
  for (let n = 0; n < 16; n++) {
    clock.pass(EVERY / 4);
    socket.emit('ping');
  }
  assert.equal(socket.pings, 4, 'it pings by itself');
  clock.pass(EVERY - 1);
  heartbeat.seen(clock.now);
  clock.pass(EVERY + 1);
  assert.equal(socket.pings, 5, 'and does so no longer');
  assert.deepEqual(deaths, []);
});

test('a peer that was heard just before a ping is dead as soon as any other one', (t) => {
  const { clock, heartbeat } = beat(t);
  clock.pass(EVERY - 1);
  heartbeat.seen(clock.now);
  clock.pass(10_000);
  assert.deepEqual(deaths, [EVERY - 1 + DEAD_AFTER_MS]);
  assert.equal(socket.pings, 2);
});

test('a silent peer is dead as soon as its time is over, not only at the next ping', (t) => {
  const { clock } = beat(t);
  clock.pass(700);
  socket.emit('pong');
  clock.pass(10_000);
  assert.deepEqual(deaths, [700 + DEAD_AFTER_MS]);
});

test('a peer of which nothing is read is not dead, and has its time again when it is read', (t) => {
  const { clock } = beat(t);
  socket.isPaused = true;
  clock.pass(10_000);
  assert.deepEqual(deaths, []);
  socket.isPaused = false;
  clock.pass(10_000);
  assert.deepEqual(deaths, [10_000 + DEAD_AFTER_MS]);
});

test('a frame in the last moment counts', (t) => {
  const { clock, heartbeat } = beat(t);
  clock.pass(DEAD_AFTER_MS - 10);
  heartbeat.seen(clock.now);
  clock.pass(DEAD_AFTER_MS - 10);
  assert.deepEqual(deaths, []);
  clock.pass(20);
  assert.equal(deaths.length, 1);
});

test('a process that was suspended for a while blames no peer for it', (t) => {
  const { clock } = beat(t);
  clock.pass(EVERY);
  // No timer runs meanwhile; what has come is read after them.
  clock.stall(60_000);
  clock.pass(EVERY);
  assert.deepEqual(deaths, []);
  clock.pass(DEAD_AFTER_MS + 20);
  assert.equal(deaths.length, 1, 'from then on its time counts as ever');
});

test('a closing connection is not pinged, and after stop() nothing is reported', (t) => {
  const { clock, heartbeat } = beat(t);
  socket.readyState = 2;
  clock.pass(2 * EVERY);
  assert.equal(socket.pings, 0);
  heartbeat.stop();
  clock.pass(10 * DEAD_AFTER_MS);
  assert.deepEqual(deaths, []);
});

test('an interval beyond the longest timer becomes a minute', (t) => {
  const { clock } = beat(t, 2 ** 40);
  clock.pass(60_000);
  assert.equal(socket.pings, 1);
});
