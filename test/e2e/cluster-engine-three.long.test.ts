import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healed, leaderOf, live } from '../fixtures/engine-faults.ts';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

test('one server of three that is killed, or held up, costs a moment', { skip }, async (t) => {
  const it = await live(t, { servers: 3 });
  const { on, works } = it;
  let release = 1;
  for (const n of [1, 2, 3]) {
    if (n === 2) process.kill(on.nats.pid(n), 'SIGSTOP');
    else await on.nats.kill(n);
    const began = performance.now();
    await eventually(
      async () => (await on.at('h2', 'token', 'create', `t${n}`, '--can=read')).code === 0,
      'it is stored',
      60_000,
    );
    t.diagnostic(`server ${n}: stored after ${Math.round(performance.now() - began)} ms`);
    await eventually(async () => (await leaderOf(it, 'h2')) !== null, 'a hub leads', 60_000);
    commit(it.app, { 'n.txt': String(n) });
    assert.match(await works('h1', 'up'), new RegExp(`^v${++release} live`, 'm'));
    if (n === 2) process.kill(on.nats.pid(n), 'SIGCONT');
    else await on.nats.restart(n);
  }
  await healed(it, release);
});
