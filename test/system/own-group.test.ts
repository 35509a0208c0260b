import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isShared } from '../../src/system/own-group.ts';

const PASSWD =
  'root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/:\nbob:x:1001:1001::/:\neve:x:1002:100::/:\nmia:x:1003:100::/:\n';
const GROUP =
  'root:x:0:sync\nusers:x:100:\nada:x:1000:\nbob:x:1001:bob\nteam:x:2000:ada,bob\nhers:x:2001:ada\n';

test('a group is shared if somebody else is in it, as a member or by passwd', () => {
  const table: [number, number, boolean][] = [
    [1_000, 1_000, false],
    [1_001, 1_001, false],
    [100, 1_002, true],
    [2_000, 1_000, true],
    [2_001, 1_000, false],
    [2_001, 1_001, true],
    [0, 0, false],
    [4_000, 4_000, false],
  ];
  for (const [gid, uid, shared] of table)
    assert.equal(isShared(gid, uid, PASSWD, GROUP), shared, `${uid} in ${gid}`);
});
