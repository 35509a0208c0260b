import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  challengeHeader,
  isKeyName,
  keyName,
  nonceOf,
  type Proof,
  proofHeader,
  proofOf,
  signedPart,
} from '../../src/protocol/drone-proof.ts';

const PROOF: Proof = {
  ...{ nonce: '1.2.x', at: 'https://hub:7000', tls: 'aGk=', key: 'A'.repeat(43), signature: 'B'.repeat(86) },
};

test('a proof is read as it was written', () => {
  assert.deepEqual(proofOf(proofHeader(PROOF)), PROOF);
  const invited = { ...PROOF, tls: null, invitation: 'fleet_x' };
  assert.deepEqual(proofOf(proofHeader(invited).replace('Fleet-Drone', 'fleet-drone')), invited);
});

test('what is no proof is told apart from one that cannot be read', () => {
  const table: [string | undefined, ReturnType<typeof proofOf>][] = [
    [undefined, undefined],
    ['Basic eDp5', undefined],
    ['Bearer x', undefined],
    ['Fleet-Drone', null],
    ['Fleet-Drone e30', 'broken'],
    ['Fleet-Drone ***', undefined],
    [proofHeader({ ...PROOF, key: 'short' }), 'broken'],
    [proofHeader({ ...PROOF, at: 'two\nlines' }), 'broken'],
    [proofHeader({ ...PROOF, nonce: 'two\nlines' }), 'broken'],
  ];
  for (const [header, outcome] of table) assert.deepEqual(proofOf(header), outcome, header);
});

test('what is signed is five lines, so that no other part can be meant by them', () => {
  assert.equal(
    signedPart({ ...PROOF, tls: null }).toString(),
    ['fleet drone proof 1', '1.2.x', 'https://hub:7000', '-', 'A'.repeat(43)].join('\n'),
  );
});

test('a nonce is read from the header that asks for a proof, and from no other', () => {
  assert.equal(nonceOf(challengeHeader('1.2.x')), '1.2.x');
  for (const header of [undefined, 'Basic realm="fleet"', 'Fleet-Drone nonce=""'])
    assert.equal(nonceOf(header), undefined);
});

test('a key has a short name, which no token can have', () => {
  const name = keyName('A'.repeat(43));
  assert.match(name, /^key-[0-9a-f]{12}$/);
  assert.notEqual(name, keyName('B'.repeat(43)));
  assert.deepEqual([name, 'key-1', 'ci', `${name}0`].map(isKeyName), [true, false, false, false]);
});
