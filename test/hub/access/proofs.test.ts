import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DroneKey } from '../../../src/drone/key.ts';
import { Challenges } from '../../../src/hub/access/challenges.ts';
import { DroneKeys } from '../../../src/hub/access/drone-keys.ts';
import type { Principal } from '../../../src/hub/access/principal.ts';
import { type NotProven, Proofs } from '../../../src/hub/access/proofs.ts';
import { Tokens } from '../../../src/hub/access/tokens.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { basicAuth } from '../../../src/protocol/authorization.ts';
import { type Challenge, nonceOf, type Proof, proofHeader } from '../../../src/protocol/drone-proof.ts';
import { OWNER } from '../../fixtures/principal.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const AT = 'http://hub.example.com:7000';

/** A hub that lets drones in, and a drone. */
class Front {
  readonly invited: string[] = [];
  readonly key: DroneKey;
  readonly challenges: Challenges;
  private readonly proofs: Proofs;

  static async make(t: TestContext, tls: string | null = null): Promise<Front> {
    const dir = temporaryFolder(t);
    const store = new FileStore(dir, assert.fail);
    return new Front(dir, await DroneKeys.open(store), await Tokens.open(store), tls);
  }

  private constructor(
    readonly dir: string,
    readonly keys: DroneKeys,
    readonly tokens: Tokens,
    private readonly tls: string | null,
  ) {
    this.key = DroneKey.make(this.dir);
    this.challenges = new Challenges(this.keys);
    this.proofs = new Proofs({
      ...{ keys: this.keys, tokens: this.tokens, challenges: this.challenges },
      served: { publicKey: tls },
      invited: ({ name }) => this.invited.push(name),
    });
  }

  invite(drone: string | null = null, lifetime = 60_000): Promise<string> {
    const name = `i${this.tokens.list().length}`;
    return this.tokens.create(OWNER, { name, can: ['drone'], repo: null, lifetime, drone, invitation: true });
  }

  async show(authorization: string | undefined): Promise<Principal | NotProven | undefined> {
    const socket = { remoteAddress: '10.0.0.1', ...(this.tls === null ? {} : { encrypted: true }) };
    return this.proofs.check(
      { headers: { authorization }, socket } as unknown as IncomingMessage,
      '10.0.0.1',
    );
  }

  async challenge(met: Partial<Challenge> = {}): Promise<Challenge> {
    const asked = (await this.show(proofHeader())) as NotProven;
    const nonce = nonceOf(asked.refusal.headers?.['WWW-Authenticate']) ?? '';
    return { nonce, at: AT, tls: this.tls, ...met };
  }

  async prove(invitation?: string, met: Partial<Challenge> = {}, key = this.key) {
    return this.show(proofHeader(key.prove(await this.challenge(met), invitation)));
  }
}

const isIn = (outcome: Principal | NotProven | undefined): outcome is Principal =>
  outcome !== undefined && 'rights' in outcome;

function assertRefused(outcome: Principal | NotProven | undefined, status: number, why: RegExp): void {
  assert.ok(outcome && !isIn(outcome), 'it was let in');
  assert.equal(outcome.refusal.status, status);
  assert.match(outcome.refusal.message, why);
}

test('an invitation lets one key in, and the key is enough from then on', async (t) => {
  const front = await Front.make(t);
  const invitation = await front.invite('web1');
  const drone = await front.prove(invitation);
  assert.ok(isIn(drone));
  assert.deepEqual([[...drone.rights], drone.drone, drone.hasKey], [['drone'], 'web1', true]);
  assert.deepEqual([front.tokens.list(), front.invited], [[], ['i0']]);
  assert.ok(isIn(await front.prove()));
  assert.ok(isIn(await front.prove(invitation)), 'one whose first answer was lost shows it again');
  const other = DroneKey.make(temporaryFolder(t));
  assertRefused(
    await front.prove(invitation, {}, other),
    401,
    /was used by key-[0-9a-f]{12}; each works once/,
  );
  await front.keys.bind(drone.name, { identity: 'i', drone: 'web1' });
  assertRefused(
    await front.prove(invitation, {}, other),
    401,
    /was used by web1; each works once.*token invite/,
  );
  assertRefused(await front.prove(undefined, {}, other), 401, /does not know the key.*--join/);
  assert.equal(await front.show(basicAuth('x')), undefined, 'a secret is none of its business');
});

test('an invitation that is not there, has expired or is an ordinary token lets nobody in', async (t) => {
  const front = await Front.make(t);
  const expired = await front.invite(null, 0);
  assertRefused(await front.prove(expired), 401, /has expired/);
  const token = await front.tokens.create(OWNER, { name: 'ci', can: ['drone'], repo: null, lifetime: null });
  for (const odd of ['fleet_nonsense', token]) {
    const outcome = await front.prove(odd);
    assertRefused(outcome, 401, /no such invitation/);
    assert.equal((outcome as NotProven).isGuess, true);
  }
  assert.deepEqual(front.keys.list(), []);
});

test('a proof that was used, changed, or signed by another key is refused', async (t) => {
  const front = await Front.make(t);
  await front.prove(await front.invite());
  const proof = front.key.prove(await front.challenge());
  assert.ok(isIn(await front.show(proofHeader(proof))));
  assertRefused(await front.show(proofHeader(proof)), 429, /used before/);
  const { key } = DroneKey.make(temporaryFolder(t)).prove(await front.challenge());
  const fresh = async (): Promise<Proof> => front.key.prove(await front.challenge());
  const changed: Proof[] = [
    { ...(await fresh()), at: 'http://other:7000' },
    { ...(await fresh()), tls: 'x' },
    { ...(await fresh()), nonce: (await front.challenge()).nonce },
    { ...(await fresh()), key },
    { ...(await fresh()), signature: 'A'.repeat(86) },
    { ...(await fresh()), key: 'A'.repeat(43) },
  ];
  for (const one of changed) assertRefused(await front.show(proofHeader(one)), 401, /wrong proof/);
  for (const odd of ['e30', 'x', Buffer.from('null').toString('base64url')])
    assertRefused(await front.show(`Fleet-Drone ${odd}`), 401, /wrong proof/);
});

test('a proof that has let a key in by an invitation is not good again, and keys that nobody knows are not remembered', async (t) => {
  const front = await Front.make(t);
  const proof = front.key.prove(await front.challenge(), await front.invite());
  assert.ok(isIn(await front.show(proofHeader(proof))));
  assertRefused(await front.show(proofHeader(proof)), 429, /used before/);
  for (let n = 0; n < 20; n++) {
    const dir = temporaryFolder(t);
    assertRefused(await front.prove(undefined, {}, DroneKey.make(dir)), 401, /does not know the key/);
  }
  assert.equal(front.challenges.size, 1);
});

test('a hub with TLS takes no proof of a drone that has met another key, also by an invitation', async (t) => {
  const front = await Front.make(t, 'own-key');
  const invitation = await front.invite();
  for (const tls of ['relay', null])
    assertRefused(await front.prove(invitation, { tls }), 403, /met another certificate/);
  assert.equal(front.tokens.list().length, 1, 'the invitation is still good');
  assert.ok(isIn(await front.prove(invitation)));
  assertRefused(await front.prove(undefined, { tls: 'relay' }), 403, /met another certificate/);
  assert.ok(isIn(await front.prove(undefined, { at: 'https://other-name:7000' })), 'its key is what counts');
});

test('a hub without TLS takes proofs for the address at which the key was let in; an invitation moves it', async (t) => {
  const front = await Front.make(t);
  await front.prove(await front.invite('web1'));
  const elsewhere = { at: 'http://relay.example.org:7000' };
  assertRefused(
    await front.prove(undefined, elsewhere),
    403,
    /joined at http:\/\/hub\.example\.com:7000, not at http:\/\/relay\.example\.org:7000/,
  );
  assertRefused(await front.prove('fleet_nonsense', elsewhere), 401, /no such invitation/);
  assert.ok(isIn(await front.prove(await front.invite('web1'), elsewhere)));
  assert.ok(isIn(await front.prove(undefined, elsewhere)));
  assertRefused(await front.prove(), 403, /joined at http:\/\/relay/);
});

test('who was let in by a key that is removed is not valid any more, also if the key comes back', async (t) => {
  const front = await Front.make(t);
  const drone = await front.prove(await front.invite());
  assert.ok(isIn(drone) && drone.isValid());
  await front.keys.remove(drone.name);
  assert.equal(drone.isValid(), false);
  assertRefused(await front.prove(), 401, /does not know the key/);
});

test('an invitation that was used stays used if the hub was killed before it could remove it', async (t) => {
  const front = await Front.make(t);
  const invitation = await front.invite();
  t.mock.method(front.tokens, 'remove', () => {
    throw new Error('killed');
  });
  await assert.rejects(front.prove(invitation), /killed/);
  const keys = await DroneKeys.open(new FileStore(front.dir, assert.fail));
  assert.equal(keys.list().length, 1);
  assertRefused(await front.prove(invitation, {}, DroneKey.make(join(front.dir))), 401, /each works once/);
});
