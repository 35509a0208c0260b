import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ClientCallRow } from '../../src/protocol/call-table.ts';
import { CLIENT_CALLS } from '../../src/protocol/client-calls.ts';
import { RIGHTS, type Right } from '../../src/protocol/rights.ts';
import { dial } from '../../src/rpc/dial.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { LocalFleet } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
/** A connection with each right alone. */
const peers = new Map<Right, Peer>();
before(async () => {
  await fleet.startHub();
  const owner = await fleet.connect();
  for (const right of RIGHTS) {
    const secret = await owner.tokenCreate({ name: `only-${right}`, can: [right] });
    const target = { hub: fleet.address, secret };
    peers.set(
      right,
      await dial({ target, role: 'client', timeout: 10_000, pingEvery: 5_000, deadAfter: 60_000 }),
    );
  }
});
after(() => {
  for (const peer of peers.values()) peer.close();
  return fleet.end();
});

const nested = (depth: number): unknown => (depth === 0 ? 'x'.repeat(20_000) : [nested(depth - 1)]);
/** No call takes these: the first are refused before they are parsed, the second when they are checked. */
const WRONG = { 'nested too deep': nested(30), 'of the wrong shape': 'x'.repeat(20_000) };

for (const [call, make] of Object.entries(CLIENT_CALLS as Record<string, () => ClientCallRow>)) {
  const { right, orRight } = make();
  test(`whoever may not call ${call} is told so, and its parameters are not looked at`, async () => {
    for (const [one, peer] of peers) {
      const code = one === right || one === orRight ? 'EPROTOCOL' : 'EFORBIDDEN';
      for (const [what, params] of Object.entries(WRONG))
        await assert.rejects(peer.call(call, params), { code }, `${one}: ${what}`);
    }
  });
}
