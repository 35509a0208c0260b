import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitError } from '../../src/git/error.ts';
import { FleetError } from '../../src/protocol/errors.ts';

test('an error of git becomes one line that says what to do', () => {
  const table: [string, string, string][] = [
    [
      "fatal: unable to access 'http://hub:7000/webapp.git/': The requested URL returned error: 401",
      'EAUTH',
      'wrong secret',
    ],
    [
      "fatal: could not read Username for 'http://hub:7000': terminal prompts disabled",
      'EAUTH',
      'wrong secret',
    ],
    ['Error: spawn git ENOENT', 'EGIT', 'there is no git on the PATH; install it'],
    [
      "remote: this token may not push\nfatal: unable to access 'http://hub/': The requested URL returned error: 403",
      'EFORBIDDEN',
      'the hub refuses: this token may not push',
    ],
    ['error: file write error: No space left on device', 'EIO', 'git push: the disk is full'],
    ['error: unable to write file a: Disk quota exceeded', 'EIO', 'git push: the disk is full'],
    ['fatal: unable to write new index file', 'EIO', 'git push: the disk is full'],
    ['fatal: short write to pack', 'EIO', 'git push: the disk is full'],
    ['remote: fatal: write error: No space left on device', 'EIO', "git push: the hub's disk is full"],
    [
      '!\trefs/heads/a:refs/heads/a\t[remote rejected] (cannot make it: ENOSPC: no space left on device)',
      'EIO',
      "git push: the hub's disk is full",
    ],
    [
      'remote: fatal: Out of memory, malloc failed (tried to allocate 3 bytes)\n!\ta:b\t[remote rejected] (unpacker error)',
      'EGIT',
      "git push: the hub's git has reached a limit: it needs more memory than fleet hub --git-memory allows",
    ],
    ['fatal: Out of memory, malloc failed', 'EGIT', 'git push: fatal: Out of memory, malloc failed'],
    ['error: unable to create file a: Read-only file system', 'EIO', 'git push: the disk is read-only'],
    [
      'error: unable to write file a: Permission denied',
      'EGIT',
      'git push: error: unable to write file a: Permission denied',
    ],
    [
      "fatal: unable to access 'http://hub/': Failed to connect to hub port 80: Connection refused",
      'ECONNECT',
      "git push: the hub's git service does not answer",
    ],
    [
      "fatal: detected dubious ownership in repository at '/app'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /app\n",
      'EGIT',
      "git push: detected dubious ownership in repository at '/app'; if you trust it: git config --global --add safe.directory /app",
    ],
    [
      'remote: error: object 6e3d: hasDotgit: contains .git        \nremote: fatal: fsck error in packed object        \nerror: failed to push some refs\nTo http://hub/x.git\n!\tc0:refs/fleet/c0\t[remote rejected] (unpacker error)\nDone\n',
      'EGIT',
      'git push: the hub refuses object 6e3d: hasDotgit: contains .git',
    ],
    [
      'error: failed to push some refs\nTo http://hub/x.git\n!\tc0:refs/fleet/c0\t[remote rejected] (shallow update not allowed)\nDone\n',
      'EGIT',
      'git push: this is a shallow clone, which this hub cannot take; first: git fetch --unshallow (in CI: fetch-depth: 0)',
    ],
    [
      'error: failed to push some refs\nTo http://hub/x.git\n!\tc0:refs/heads/a\t[remote rejected] (a commit that was deployed stays)\nDone\n',
      'EGIT',
      'git push: a commit that was deployed stays',
    ],
    [
      "fatal: unable to read 45b983be36b73c0788dc9cbcb76cbb80fc7bb057\nfatal: the remote end hung up unexpectedly\nsend-pack: unexpected disconnect while reading sideband packet\nerror: failed to push some refs to 'http://hub/x.git'\n",
      'EGIT',
      'git push: fatal: unable to read 45b983be36b73c0788dc9cbcb76cbb80fc7bb057; git fsck shows what is damaged',
    ],
    [
      'error: inflate: data stream error\nfatal: loose object 45b983 (stored in .git/objects/45/b983) is corrupt\nfatal: the remote end hung up unexpectedly\nerror: failed to push some refs',
      'EGIT',
      'git push: fatal: loose object 45b983 (stored in .git/objects/45/b983) is corrupt; git fsck shows what is damaged',
    ],
    [
      'error: remote unpack failed: unable to create temporary object directory\nerror: failed to push some refs\nTo http://hub/x.git\n!\tc0:refs/fleet/c0\t[remote rejected] (unpacker error)\nDone\n',
      'EGIT',
      'git push: the hub cannot store it: unable to create temporary object directory',
    ],
    [
      "error: unable to create file nnn: File name too long\nfatal: Could not reset index file to revision 'HEAD'.\n",
      'EGIT',
      'git push: error: unable to create file nnn: File name too long',
    ],
    [
      'fatal: the remote end hung up unexpectedly',
      'EGIT',
      'git push: fatal: the remote end hung up unexpectedly',
    ],
    [
      'error: RPC failed; curl 18 transfer closed with outstanding read data remaining\nerror: 7033 bytes of body are still expected\nfetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\nfatal: unpack-objects failed\n',
      'EGIT',
      'git push: the connection to the hub broke off',
    ],
    [
      'remote: the hub is going away\nfatal: early EOF\nfatal: unpack-objects failed\n',
      'EGIT',
      'git push: the hub is going away',
    ],
    [
      'error: file write error: Input/output error\nfatal: early EOF\nfatal: unpack-objects failed\n',
      'EGIT',
      'git push: fatal: unpack-objects failed',
    ],
    ['warning: this\nfatal: that\n', 'EGIT', 'git push: fatal: that'],
    ['', 'EGIT', 'git push: it said nothing'],
  ];
  for (const [said, code, message] of table) {
    const error = gitError(new Error(said), 'git push');
    assert.deepEqual([error.code, error.message], [code, message], said);
  }
});

test('an error that is already understood stays as it is', () => {
  const error = new FleetError('EIO', 'cannot write');
  assert.equal(gitError(error, 'git push'), error);
});
