import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/hub/access/principal.ts';
import { Shares } from '../../src/hub/access/shares.ts';
import type { ClientServiceParts } from '../../src/hub/client-service.ts';
import { serveClient } from '../../src/hub/serve-client.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { FEATURES, featuresOf } from '../../src/protocol/features.ts';
import { EMPTY } from '../../src/rpc/frames.ts';
import type { Incoming } from '../../src/rpc/incoming.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { OWNER, tokenWith } from '../fixtures/principal.ts';

const C = 'c'.repeat(40);
const SPAWN = { key: '0'.repeat(32), repo: 'webapp', commit: C, command: ['x'], env: {}, drones: null };

/** A client of a hub with these parts; what the hub records is noted. */
function serving(who: Principal, parts: Record<string, unknown>, features: readonly string[] = FEATURES) {
  const events: Record<string, unknown>[] = [];
  let room = 0;
  let dispatch: (incoming: Incoming) => unknown = () => assert.fail('nothing is served');
  const peer = {
    features: featuresOf('1.0.0', [...features]),
    closed: new Promise(() => {}),
    serve: (handler: typeof dispatch) => {
      dispatch = handler;
    },
  };
  serveClient(peer as unknown as Peer, who, {
    ...{ events: { add: (event: Record<string, unknown>) => events.push(event) }, ready: Promise.resolve() },
    deeds: { add: (deed: Record<string, unknown>) => events.push(deed) },
    shares: new Shares(),
    audit: {
      during: (_who: unknown, _characters: number, act: () => unknown) => {
        room++;
        return act();
      },
      read: async () => [],
    },
    ...{
      traffic: { isUnreached: () => false },
      appService: { apps: { ready: Promise.resolve() }, parts: { source: { read: async () => ({}) } } },
      ...parts,
    },
  } as unknown as ClientServiceParts);
  const call = async (method: string, params: unknown) => dispatch({ method, params, body: EMPTY });
  return { call, events, rooms: () => room };
}
const processes = { spawn: async () => ({ drones: { web1: { id: '1e99f4', error: null } } }) };

test('a call without the right is refused before its parameters are looked at, and recorded', async () => {
  const { call, events } = serving(tokenWith(['read']), { processes });
  await assert.rejects(call('spawn', 'nonsense'), { code: 'EFORBIDDEN' });
  assert.deepEqual(
    events.map(({ call: name, who }) => [name, who]),
    [['spawn', 'ci']],
  );
  assert.match(String(events[0]?.['result']), /lacks the right 'deploy'/);
});

test('a call that changes something waits for room in the audit, and is recorded with its result', async () => {
  const { call, events, rooms } = serving(OWNER, { processes });
  await call('spawn', SPAWN);
  assert.equal(rooms(), 1);
  assert.deepEqual(
    events.map(({ call: name, who, result, repo }) => [name, who, result, repo]),
    [['spawn', 'secret', 'ok', 'webapp']],
  );
});

test('a call that waited for drones is not made if its token has ended meanwhile; one of an admin waits for none', async () => {
  let isValid = true;
  let goOn = () => {};
  const ready = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const audit = {
    during: async (by: Principal, _: unknown, act: () => unknown) => {
      if (!by.isValid()) throw new FleetError('EAUTH', 'it has ended');
      return act();
    },
  };
  const made: string[] = [];
  const spawning = { spawn: async () => made.push('spawn') };
  const tokens = { remove: async () => made.push('token.remove') };
  const keys = { remove: async () => false };
  const who = { ...tokenWith(['deploy', 'admin']), isValid: () => isValid };
  const { call } = serving(who, { ready, audit, processes: spawning, tokens, keys });
  const spawned = call('spawn', SPAWN);
  await call('token.remove', { name: 'other' });
  isValid = false;
  goOn();
  await assert.rejects(spawned, { code: 'EAUTH' });
  assert.deepEqual(made, ['token.remove']);
});

test('a call that only looks is neither recorded nor kept waiting', async () => {
  const { call, events, rooms } = serving(OWNER, { directory: { all: () => [] } });
  assert.deepEqual(await call('drones', {}), { drones: [] });
  assert.deepEqual([events, rooms()], [[], 0]);
  const reader = serving(tokenWith(['deploy']), {});
  await assert.rejects(reader.call('drones', {}), { code: 'EFORBIDDEN' });
  assert.deepEqual(reader.events, []);
});

test('a token for a repository touches no other, and nothing that is about all of them', async () => {
  const { call } = serving(tokenWith(['read', 'deploy', 'exec', 'admin'], 'api'), { processes });
  for (const method of ['spawn', 'exec.start'])
    await assert.rejects(call(method, { ...SPAWN, cwd: null, stdin: false }), {
      code: 'EFORBIDDEN',
      message: /'api' only/,
    });
  for (const method of ['prune', 'prune.plan'])
    await assert.rejects(call(method, {}), { code: 'EFORBIDDEN', message: /all of them/ });
});

test('a client of fleet 1.0 is told in the answer that a commit is missing; any other gets an error', async () => {
  const missing = new FleetError('ENOCOMMIT', 'the hub does not have it');
  const deploys = { deploy: () => Promise.reject(missing) };
  const params = { repo: 'webapp', commit: C, force: false };
  await assert.rejects(serving(OWNER, { deploys }).call('deploy', params), missing);
  assert.deepEqual(await serving(OWNER, { deploys }, []).call('deploy', params), {
    missing: true,
    drones: {},
  });
  const broken = { deploy: () => Promise.reject(new FleetError('EIO', 'no disk')) };
  await assert.rejects(serving(OWNER, { deploys: broken }, []).call('deploy', params), { code: 'EIO' });
});
