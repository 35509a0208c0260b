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
import { basicAuth } from '../../../src/protocol/authorization.ts';
import { type Challenge, nonceOf, type Proof, proofHeader } from '../../../src/protocol/drone-proof.ts';
import { OWNER } from '../../fixtures/principal.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const AT = 'http://hub.example.com:7000';

/** A hub that lets drones in, and a drone. */
class Front {
  readonly keys: DroneKeys;
  readonly tokens: Tokens;
  readonly dir: string;
  readonly invited: string[] = [];
  readonly key: DroneKey;
  readonly challenges: Challenges;
  private readonly proofs: Proofs;

  constructor(
    t: TestContext,
    private readonly tls: string | null = null,
  ) {
    this.dir = temporaryFolder(t);
    this.keys = new DroneKeys(this.dir);
    this.tokens = new Tokens(this.dir);
    this.key = DroneKey.make(this.dir);
    this.challenges = new Challenges(this.keys);
    this.proofs = new Proofs({
      ...{ keys: this.keys, tokens: this.tokens, challenges: this.challenges },
      served: { publicKey: tls },
      invited: ({ name }) => this.invited.push(name),
    });
  }

  invite(drone: string | null = null, lifetime = 60_000): string {
    const name = `i${this.tokens.list().length}`;
    return this.tokens.create(OWNER, { name, can: ['drone'], repo: null, lifetime, drone, invitation: true });
  }

  show(authorization: string | undefined): Principal | NotProven | undefined {
    const socket = { remoteAddress: '10.0.0.1', ...(this.tls === null ? {} : { encrypted: true }) };
    return this.proofs.check(
      { headers: { authorization }, socket } as unknown as IncomingMessage,
      '10.0.0.1',
    );
  }

  challenge(met: Partial<Challenge> = {}): Challenge {
    const asked = this.show(proofHeader()) as NotProven;
    const nonce = nonceOf(asked.refusal.headers?.['WWW-Authenticate']) ?? '';
    return { nonce, at: AT, tls: this.tls, ...met };
  }

  prove(invitation?: string, met: Partial<Challenge> = {}, key = this.key) {
    return this.show(proofHeader(key.prove(this.challenge(met), invitation)));
  }
}

const isIn = (outcome: Principal | NotProven | undefined): outcome is Principal =>
  outcome !== undefined && 'rights' in outcome;

function assertRefused(outcome: Principal | NotProven | undefined, status: number, why: RegExp): void {
  assert.ok(outcome && !isIn(outcome), 'it was let in');
  assert.equal(outcome.refusal.status, status);
  assert.match(outcome.refusal.message, why);
}

test('an invitation lets one key in, and the key is enough from then on', (t) => {
  const front = new Front(t);
  const invitation = front.invite('web1');
  const drone = front.prove(invitation);
  assert.ok(isIn(drone));
  assert.deepEqual([[...drone.rights], drone.drone, drone.hasKey], [['drone'], 'web1', true]);
  assert.deepEqual([front.tokens.list(), front.invited], [[], ['i0']]);
  assert.ok(isIn(front.prove()));
  assert.ok(isIn(front.prove(invitation)), 'one whose first answer was lost shows it again');
  const other = DroneKey.make(temporaryFolder(t));
  assertRefused(front.prove(invitation, {}, other), 401, /was used by key-[0-9a-f]{12}; each works once/);
  front.keys.bind(drone.name, { identity: 'i', drone: 'web1' });
  assertRefused(front.prove(invitation, {}, other), 401, /was used by web1; each works once.*token invite/);
  assertRefused(front.prove(undefined, {}, other), 401, /does not know the key.*--join/);
  assert.equal(front.show(basicAuth('x')), undefined, 'a secret is none of its business');
});

test('an invitation that is not there, has expired or is an ordinary token lets nobody in', (t) => {
  const front = new Front(t);
  const expired = front.invite(null, 0);
  assertRefused(front.prove(expired), 401, /has expired/);
  const token = front.tokens.create(OWNER, { name: 'ci', can: ['drone'], repo: null, lifetime: null });
  for (const odd of ['fleet_nonsense', token]) {
    const outcome = front.prove(odd);
    assertRefused(outcome, 401, /no such invitation/);
    assert.equal((outcome as NotProven).isGuess, true);
  }
  assert.deepEqual(front.keys.list(), []);
});

test('a proof that was used, changed, or signed by another key is refused', (t) => {
  const front = new Front(t);
  front.prove(front.invite());
  const proof = front.key.prove(front.challenge());
  assert.ok(isIn(front.show(proofHeader(proof))));
  assertRefused(front.show(proofHeader(proof)), 429, /used before/);
  const { key } = DroneKey.make(temporaryFolder(t)).prove(front.challenge());
  const fresh = (): Proof => front.key.prove(front.challenge());
  const changed: Proof[] = [
    { ...fresh(), at: 'http://other:7000' },
    { ...fresh(), tls: 'x' },
    { ...fresh(), nonce: front.challenge().nonce },
    { ...fresh(), key },
    { ...fresh(), signature: 'A'.repeat(86) },
    { ...fresh(), key: 'A'.repeat(43) },
  ];
  for (const one of changed) assertRefused(front.show(proofHeader(one)), 401, /wrong proof/);
  for (const odd of ['e30', 'x', Buffer.from('null').toString('base64url')])
    assertRefused(front.show(`Fleet-Drone ${odd}`), 401, /wrong proof/);
});

test('a proof that has let a key in by an invitation is not good again, and keys that nobody knows are not remembered', (t) => {
  const front = new Front(t);
  const proof = front.key.prove(front.challenge(), front.invite());
  assert.ok(isIn(front.show(proofHeader(proof))));
  assertRefused(front.show(proofHeader(proof)), 429, /used before/);
  for (let n = 0; n < 20; n++) {
    const dir = temporaryFolder(t);
    assertRefused(front.prove(undefined, {}, DroneKey.make(dir)), 401, /does not know the key/);
  }
  assert.equal(front.challenges.size, 1);
});

test('a hub with TLS takes no proof of a drone that has met another key, also by an invitation', (t) => {
  const front = new Front(t, 'own-key');
  const invitation = front.invite();
  for (const tls of ['relay', null])
    assertRefused(front.prove(invitation, { tls }), 403, /met another certificate/);
  assert.equal(front.tokens.list().length, 1, 'the invitation is still good');
  assert.ok(isIn(front.prove(invitation)));
  assertRefused(front.prove(undefined, { tls: 'relay' }), 403, /met another certificate/);
  assert.ok(isIn(front.prove(undefined, { at: 'https://other-name:7000' })), 'its key is what counts');
});

test('a hub without TLS takes proofs for the address at which the key was let in; an invitation moves it', (t) => {
  const front = new Front(t);
  front.prove(front.invite('web1'));
  const elsewhere = { at: 'http://relay.example.org:7000' };
  assertRefused(
    front.prove(undefined, elsewhere),
    403,
    /joined at http:\/\/hub\.example\.com:7000, not at http:\/\/relay\.example\.org:7000/,
  );
  assertRefused(front.prove('fleet_nonsense', elsewhere), 401, /no such invitation/);
  assert.ok(isIn(front.prove(front.invite('web1'), elsewhere)));
  assert.ok(isIn(front.prove(undefined, elsewhere)));
  assertRefused(front.prove(), 403, /joined at http:\/\/relay/);
});

test('who was let in by a key that is removed is not valid any more, also if the key comes back', (t) => {
  const front = new Front(t);
  const drone = front.prove(front.invite());
  assert.ok(isIn(drone) && drone.isValid());
  front.keys.remove(drone.name);
  assert.equal(drone.isValid(), false);
  assertRefused(front.prove(), 401, /does not know the key/);
});

test('an invitation that was used stays used if the hub was killed before it could remove it', (t) => {
  const front = new Front(t);
  const invitation = front.invite();
  t.mock.method(front.tokens, 'remove', () => {
    throw new Error('killed');
  });
  assert.throws(() => front.prove(invitation), /killed/);
  const keys = new DroneKeys(front.dir);
  assert.equal(keys.list().length, 1);
  assertRefused(front.prove(invitation, {}, DroneKey.make(join(front.dir))), 401, /each works once/);
});
