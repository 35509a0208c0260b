import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { LostHubs } from '../../../src/hub/cluster/cut-off.ts';
import type { HubIdentity } from '../../../src/protocol/hub-words.ts';

afterEach(() => mock.restoreAll());

const hub = (name: string): HubIdentity => ({
  ...{ name, start: `${name}-start`, version: '1.0.0', features: [] },
  ...{ advertise: null, git: null, fingerprint: null },
});

test('a hub is cut off from those that it has lost since the engine is silent, and just before', () => {
  let now = 0;
  mock.method(process, 'uptime', () => now / 1000);
  const lost = new LostHubs();
  const shown = (silentMs: number | null) =>
    lost.cutOff(silentMs).map((one) => `${one.hub.name} ${one.lostMs}`);
  lost.went(hub('killed'));
  now = 60_000;
  lost.went(hub('h1'));
  now = 63_000;
  lost.went(hub('h2'));
  now = 64_000;
  assert.deepEqual(shown(null), [], 'of an engine that answers, nobody is cut off');
  assert.deepEqual(shown(1_000), ['h1 4000', 'h2 1000']);
  lost.came(hub('h1'));
  assert.deepEqual(shown(1_000), ['h2 1000']);
  now = 120_000;
  assert.deepEqual(shown(57_000), ['h2 57000']);
  assert.deepEqual(shown(0), [], 'a silence of later says nothing of it');
});
