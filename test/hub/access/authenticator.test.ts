import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { Authenticator } from '../../../src/hub/access/authenticator.ts';
import type { PendingConnections } from '../../../src/hub/access/pending-connections.ts';
import { isRefusal } from '../../../src/hub/access/refusal.ts';
import { RefusalLog } from '../../../src/hub/access/refusal-log.ts';
import { Secrets } from '../../../src/hub/access/secrets.ts';
import { senderOf } from '../../../src/hub/access/sender.ts';
import { sha256, type Tokens } from '../../../src/hub/access/tokens.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import type { TokenInfo } from '../../../src/protocol/answers.ts';
import { basicAuth } from '../../../src/protocol/authorization.ts';
import { RIGHTS } from '../../../src/protocol/rights.ts';

const SECRET = 'be:ep/b@op';
const CI: TokenInfo = { name: 'ci', can: ['read'], repo: 'webapp', created: 0, expires: null };
const OLD: TokenInfo = { ...CI, name: 'old', expires: 1 };

/** An authenticator that knows the tokens `ci-token` and `old-token`, the second of which has expired. */
class Front {
  readonly lines: string[] = [];
  /** Sockets that are pending no more. */
  readonly removed: unknown[] = [];
  readonly wrong: string[] = [];
  private readonly authenticator: Authenticator;

  static async make(secret: string | undefined): Promise<Front> {
    return new Front(await Secrets.open(new FileStore('/nonexistent', assert.fail), secret));
  }

  private constructor(secrets: Secrets) {
    const known = new Map([
      [sha256('ci-token').toString('hex'), CI],
      [sha256('old-token').toString('hex'), OLD],
    ]);
    this.authenticator = new Authenticator({
      wrongSecret: (address) => this.wrong.push(address),
      secrets,
      addressOf: (request) => senderOf(request, { has: () => false }),
      tokens: {
        find: (hash: Buffer) => known.get(hash.toString('hex')),
        isValid: (token: TokenInfo) => token === CI,
      } as unknown as Tokens,
      proofs: { check: () => undefined },
      passes: { find: () => undefined },
      pending: { remove: (socket: unknown) => this.removed.push(socket) } as unknown as PendingConnections,
      refusals: new RefusalLog((line) => this.lines.push(line)),
    });
  }

  ask(authorization: string | undefined, remoteAddress = '::ffff:10.0.0.1') {
    const request = { headers: { authorization }, socket: { remoteAddress } };
    return this.authenticator.authenticate(request as unknown as IncomingMessage);
  }
}

test('the secret has all rights, and a token those that it was created with', async () => {
  const front = await Front.make(SECRET);
  const owner = await front.ask(basicAuth(SECRET));
  assert.ok(!isRefusal(owner));
  assert.deepEqual([owner.name, owner.address, owner.repo], ['secret', '10.0.0.1', null]);
  assert.deepEqual([...owner.rights], [...RIGHTS]);
  const ci = await front.ask('Bearer ci-token');
  assert.ok(!isRefusal(ci));
  assert.deepEqual([ci.name, [...ci.rights], ci.repo], ['ci', ['read'], 'webapp']);
  assert.equal(front.removed.length, 2, 'neither counts as waiting any more');
  assert.deepEqual(front.lines, []);
});

test('a hub without a secret gives everybody all rights', async () => {
  const front = await Front.make(undefined);
  for (const authorization of [undefined, 'Bearer anything']) {
    const anyone = await front.ask(authorization);
    assert.ok(!isRefusal(anyone));
    assert.deepEqual([anyone.name, [...anyone.rights]], ['anyone', [...RIGHTS]]);
  }
});

test('a missing secret and an expired token are refused at once, and not logged', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const front = await Front.make(SECRET);
  const table: [string | undefined, string][] = [
    [undefined, 'this hub wants its secret: give --secret'],
    ['Digest x', 'this hub wants its secret: give --secret'],
    ['Bearer old-token', "the token 'old' has expired; ask for a new one"],
  ];
  for (const [authorization, message] of table) {
    const headers = { 'WWW-Authenticate': 'Basic realm="fleet"' };
    assert.deepEqual(await front.ask(authorization), { status: 401, message, headers });
  }
  assert.deepEqual([front.lines, front.removed], [[], []]);
});

test('a wrong secret is logged at once, and answered after a wait that gets longer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const front = await Front.make(SECRET);
  for (const delay of [100, 200, 400]) {
    let answered = false;
    const answer = front.ask('Bearer wrong').finally(() => {
      answered = true;
    });
    t.mock.timers.tick(delay - 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(answered, false, `not before ${delay} ms`);
    t.mock.timers.tick(1);
    const refusal = await answer;
    assert.ok(isRefusal(refusal) && refusal.status === 401 && refusal.message === 'wrong secret');
  }
  assert.deepEqual(front.lines, Array(3).fill('refused 10.0.0.1: wrong secret'));
  assert.ok(!isRefusal(await front.ask(basicAuth(SECRET))), 'and the right one from there does not wait');
});

test('a thousand wrong secrets wait at once; any more are refused immediately', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const front = await Front.make(SECRET);
  const waiting = Array.from({ length: 1_000 }, () => front.ask('Bearer wrong'));
  assert.deepEqual(await front.ask('Bearer wrong'), {
    status: 429,
    message: 'too many wrong secrets; try later',
  });
  t.mock.timers.tick(8_000);
  for (const refusal of await Promise.all(waiting)) assert.ok(isRefusal(refusal) && refusal.status === 401);
  const next = front.ask('Bearer wrong');
  t.mock.timers.tick(8_000);
  const refusal = await next;
  assert.ok(isRefusal(refusal) && refusal.status === 401, 'there is room again');
});
