import assert from 'node:assert/strict';
import { test } from 'node:test';
import { damageIn } from '../../src/git/damage.ts';

const DAMAGED = [
  'error: object file m/objects/2b/59 is empty\nfatal: loose object 2b59 (stored in m/objects/2b/59) is corrupt',
  'fatal: bad object refs/fleet/2b59\nerror: ./hub.git did not send all necessary objects',
  'error: unable to read sha1 file of a (0cfbf08886fca9a91cb753ec8734c84fcbe52c9f)\nfatal: Could not reset index file to revision',
  "error: cannot read object 0cfbf08886fca9a91cb753ec8734c84fcbe52c9f 'a'\nfatal: Could not reset index file",
  "fatal: not a git repository: 'm'",
  'fatal: bad config line 1 in file m/config',
  'fatal: unknown error occurred while reading the configuration files',
  'fatal: unexpected line in m/packed-refs: xxx',
  'error: file m/objects/pack/pack-a4.pack is far too short to be a packfile\nfatal: x',
  'error: index file m/objects/pack/pack-a4.idx is too small',
  'error: packfile m/objects/pack/pack-a4.pack does not match index',
];

const WHOLE = [
  'remote: fatal: bad object refs/fleet/2b59\nfatal: the remote end hung up unexpectedly',
  'remote: error: object file is empty\nfatal: unable to access: The requested URL returned error: 500',
  'fatal: early EOF\nfatal: unpack-objects failed: pack has 3 unresolved deltas',
  'error: file write error: No space left on device\nfatal: unable to unpack',
  "fatal: unable to find remote helper for 'https'",
  "error: unable to create file a: Permission denied\nfatal: Could not reset index file to revision 'HEAD'.",
  "fatal: unable to access 'http://x/': Failed to connect to x port 7001: Connection refused",
];

test('errors of git about its own repository are damage', () => {
  for (const said of DAMAGED) assert.notEqual(damageIn(said), null, said);
});

test('errors of the other end, a lost connection and a full disk are not', () => {
  for (const said of WHOLE) assert.equal(damageIn(said), null, said);
});
