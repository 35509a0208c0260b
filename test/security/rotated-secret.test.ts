import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect } from '../../src/index.ts';
import { eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
after(() => fleet.end());

test('a secret is replaced without a restart, and what runs under the old one ends with its time', async () => {
  await fleet.startHub();
  const problems: string[] = [];
  const before = await fleet.startDrone('web1', { problem: (line) => void problems.push(line) });
  const client = await fleet.connect();
  assert.equal(await client.secretEnds(), null);
  const owner = await fleet.connect();
  const token = await owner.tokenCreate({ name: 'ops', can: ['admin', 'read'] });
  const admin = await fleet.connect(token);
  await assert.rejects(admin.rotateSecret({ secret: 'mine', grace: 0 }), { code: 'EFORBIDDEN' });

  await owner.rotateSecret({ secret: 'second', grace: 60_000 });
  const late = await fleet.connect();
  assert.match((await late.secretEnds()) ?? '', /was replaced: from .* UTC on, this one is refused/);
  await assert.rejects(late.rotateSecret({ secret: 'thief', grace: 0 }), { code: 'EFORBIDDEN' });
  const next = await fleet.connect('second');
  assert.equal(await next.secretEnds(), null);

  // Again, and the one before the last stays as it is; without grace, everything under the last ends.
  await next.rotateSecret({ secret: 'third', grace: 0 });
  await assert.rejects(fleet.connect('second'), {
    code: 'EAUTH',
    message: /was replaced: ask for the new one/,
  });
  await assert.rejects(next.ps(), { code: 'EAUTH' });
  await fleet.connect();
  assert.ok((await admin.ps())['web1'], 'tokens stay');
  await before.close();

  const dir = join(fleet.dir, 'hub');
  await fleet.hub.close();
  const hub = await fleet.startHub({ dir });
  assert.match(hub.warnings.join(), /the secret that this hub is started with was replaced/);
  await fleet.startDrone('web1', { problem: (line) => void problems.push(line) });
  await eventually(() => problems.some((line) => /was replaced/.test(line)), 'the drone says so');
  const owners = await connect({ hub: fleet.address, secret: 'third' });
  const entries = await owners.audit(100);
  assert.ok(entries.some(({ who, call }) => who === 'old-secret' && call === 'join'));
  assert.doesNotMatch(JSON.stringify(entries), new RegExp(`second|third|${SECRET}`));
  owners.close();
});
