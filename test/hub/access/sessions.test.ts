import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Sessions } from '../../../src/hub/access/sessions.ts';
import type { Tokens } from '../../../src/hub/access/tokens.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import type { Peer } from '../../../src/rpc/peer.ts';
import { Clock } from '../../fixtures/clock.ts';
import { OWNER } from '../../fixtures/principal.ts';

/** A connection that remembers how it was closed. */
class Connection {
  closedWith: [number, string] | null = null;
  isTerminated = false;
  buffered = 0;
  private end: (why: FleetError) => void = () => {};
  readonly closed = new Promise<FleetError>((resolve) => {
    this.end = resolve;
  });

  close(code: number, reason: string): void {
    this.closedWith = [code, reason];
    this.hangUp();
  }

  terminate(): void {
    this.isTerminated = true;
    this.hangUp();
  }

  hangUp(): void {
    this.end(new FleetError('ECLOSED', 'closed'));
  }
}

function open(sessions: Sessions, expires: number | null, isValid: () => boolean): Connection {
  const connection = new Connection();
  sessions.add(connection as unknown as Peer, { ...OWNER, name: 'ci', expires, isValid });
  return connection;
}

test('removing a token ends its connections and no others', () => {
  const tokens = new EventEmitter();
  const sessions = new Sessions(tokens as Tokens);
  let isValid = true;
  const removed = [open(sessions, null, () => isValid), open(sessions, null, () => isValid)];
  const other = open(sessions, null, () => true);
  tokens.emit('removed');
  for (const { closedWith } of [...removed, other]) assert.equal(closedWith, null);
  isValid = false;
  tokens.emit('removed');
  for (const { closedWith } of removed)
    assert.deepEqual(closedWith, [4003, "the token 'ci' has expired or was removed"]);
  assert.equal(other.closedWith, null);
});

test('a connection ends the moment its token expires, even beyond the longest timer', (t) => {
  const clock = new Clock(t);
  const sessions = new Sessions(new EventEmitter() as Tokens);
  const day = 86_400_000;
  const valid = (expires: number) => () => Date.now() < expires;
  const soon = open(sessions, 1_000, valid(1_000));
  const late = open(sessions, 60 * day, valid(60 * day));
  clock.pass(999);
  assert.equal(soon.closedWith, null);
  clock.pass(1);
  assert.equal(soon.closedWith?.[0], 4003);
  // node's timers hold 24.8 days.
  clock.pass(59 * day);
  assert.equal(late.closedWith, null);
  clock.pass(day);
  assert.equal(late.closedWith?.[0], 4003);
});

test('what a removed token has not read yet is not sent any more', () => {
  const tokens = new EventEmitter();
  const sessions = new Sessions(tokens as Tokens);
  let isValid = true;
  const slow = open(sessions, null, () => isValid);
  slow.buffered = 10_000_000;
  isValid = false;
  tokens.emit('removed');
  assert.deepEqual([slow.isTerminated, slow.closedWith], [true, null]);
});

test('whatever is held for a token ends once, unless it was released', () => {
  const tokens = new EventEmitter();
  const sessions = new Sessions(tokens as Tokens);
  let isValid = true;
  const who = { ...OWNER, name: 'ci', isValid: () => isValid };
  const ended: string[] = [];
  sessions.hold(who, ({ code }) => ended.push(`first ${code}`));
  sessions.hold(who, () => ended.push('released'))();
  isValid = false;
  tokens.emit('removed');
  tokens.emit('removed');
  assert.deepEqual(ended, ['first EAUTH']);
});

test('a connection that has ended is not closed again, and leaves no timer', async (t) => {
  const clock = new Clock(t);
  const tokens = new EventEmitter();
  const sessions = new Sessions(tokens as Tokens);
  let isValid = true;
  const gone = open(sessions, 1_000, () => isValid);
  gone.hangUp();
  await gone.closed;
  await Promise.resolve();
  isValid = false;
  clock.pass(2_000);
  tokens.emit('removed');
  assert.equal(gone.closedWith, null);
});

test('a connection whose token was removed while it waited for its turn ends when it begins', () => {
  const sessions = new Sessions(new EventEmitter() as Tokens);
  const late = open(sessions, null, () => false);
  assert.deepEqual(late.closedWith, [4003, "the token 'ci' has expired or was removed"]);
});
