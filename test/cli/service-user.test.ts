import assert from 'node:assert/strict';
import { chownSync, type Stats, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { demandReadable, ownerOf } from '../../src/cli/service-user.ts';
import { nameOf } from '../../src/system/state-directory.ts';
import { makeDir } from './world.ts';

const ADA = { uid: 1000, name: 'ada' };

test('a service runs as the owner of its directory, or of the state that is there', (t) => {
  const dir = makeDir(t);
  const own = process.getuid?.() ?? 0;
  assert.equal(ownerOf(dir, 'drone').uid, own);
  if (own !== 0) return t.skip('only root can give files away');
  chownSync(dir, 4242, 4242);
  assert.deepEqual(ownerOf(dir, 'drone'), { uid: 4242, name: '4242' });
  writeFileSync(join(dir, 'drone.json'), '{}');
  assert.deepEqual(ownerOf(dir, 'drone'), { uid: 0, name: 'root' });
  assert.equal(ownerOf(dir, 'hub').uid, 4242);
});

test('a user has the name that the system has for the uid', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n';
  assert.deepEqual(
    [0, 1000, 100].map((uid) => nameOf(uid, passwd)),
    ['root', 'ada', '100'],
  );
});

test('a file that the service could not read is refused, with what to do', () => {
  const file = (uid: number, mode: number) => ({ uid, mode }) as Stats;
  demandReadable('/etc/fleet/secret', { uid: 0, name: 'root' }, file(1000, 0o600));
  demandReadable('/etc/fleet/secret', ADA, file(1000, 0o600));
  demandReadable('/etc/fleet/secret', ADA, file(0, 0o644));
  demandReadable('/etc/fleet/secret', ADA, file(0, 0o640));
  assert.throws(() => demandReadable('/etc/fleet/secret', ADA, file(0, 0o600)), {
    code: 'ECONFIG',
    message: /runs as ada, .* cannot read \/etc\/fleet\/secret: chown ada \/etc\/fleet\/secret$/,
  });
});
