import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Link } from '../../src/client/link.ts';
import { LineCutter, monitor } from '../../src/client/monitor.ts';
import type { Subscription } from '../../src/client/subscription.ts';

test('chunks are split into lines, and an unfinished line waits for its rest', () => {
  const cutter = new LineCutter();
  assert.deepEqual(cutter.cut('a', Buffer.from('one\ntw')), ['one']);
  assert.deepEqual(cutter.cut('b', Buffer.from('other\n')), ['other']);
  assert.deepEqual(cutter.cut('a', Buffer.from('o\n\nthree')), ['two', '']);
  cutter.drop('a');
  assert.deepEqual(cutter.cut('a', Buffer.from('four\n')), ['four']);
});

test('a line of megabytes is one line, and one without an end does not fill the memory', () => {
  const cutter = new LineCutter();
  const piece = Buffer.alloc(256 * 1024, 'x');
  const lines = Array.from({ length: 16 }, () => cutter.cut('a', piece)).flat();
  assert.deepEqual(lines, []);
  assert.deepEqual(cutter.cut('a', Buffer.from('y')), [`${piece.toString().repeat(16)}y`]);
  assert.deepEqual(cutter.cut('a', Buffer.from('z\n')), ['z']);
});

/** A link whose hub says how far its events have come, and what of those asked for it no longer has. */
class FakeLink extends EventEmitter {
  readonly asked: (number | null | undefined)[] = [];
  answer: { seq: number; missed: number } | null = { seq: 0, missed: 0 };

  async connect(): Promise<void> {}
  async reconnect(): Promise<void> {}
  unsubscribe(): void {}

  async subscribe({ since }: Subscription) {
    this.asked.push(since);
    return this.answer;
  }
}

const deployed = (seq: number) => ({
  type: 'deployed',
  drone: 'web1',
  repo: 'webapp',
  commit: 'c'.repeat(40),
  seq,
  time: 0,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('after a reconnect, a monitor continues after the last event, shows each once, and reports the gap', async () => {
  const link = new FakeLink();
  link.answer = { seq: 4, missed: 0 };
  const items = monitor(link as unknown as Link, { drones: null });
  await turn();
  for (const seq of [5, 6]) link.emit('event', deployed(seq));
  link.emit('event', deployed(6));
  link.answer = { seq: 12, missed: 3 };
  link.emit('lost');
  await turn();
  link.emit('event', deployed(13));
  const shown: unknown[] = [];
  for (let n = 0; n < 6; n++) {
    const { value } = await items.next();
    shown.push(value?.kind === 'event' ? value.event.seq : value?.kind);
  }
  await items.return();
  assert.deepEqual(link.asked, [null, 6]);
  assert.deepEqual(shown, [5, 6, 'connection', 'missed', 'connection', 13]);
});

test('events of a hub that does not number them are all shown', async () => {
  const link = new FakeLink();
  link.answer = null;
  const items = monitor(link as unknown as Link, { drones: ['web1'] });
  await turn();
  const { seq, ...unnumbered } = deployed(0);
  for (const event of [unnumbered, unnumbered, { ...unnumbered, drone: 'web2' }]) link.emit('event', event);
  assert.equal((await items.next()).value?.kind, 'event');
  assert.equal((await items.next()).value?.kind, 'event');
  await items.return();
  assert.deepEqual(link.asked, [null]);
});
