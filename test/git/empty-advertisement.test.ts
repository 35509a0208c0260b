import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyAdvertisement } from '../../src/git/empty-advertisement.ts';

test("a repository without refs is advertised as git does it, with fewer of git's capabilities", (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-empty-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  execFileSync('git', ['init', '-q', '--bare', dir]);
  const said = execFileSync('git', ['receive-pack', '--stateless-rpc', '--advertise-refs', dir], {
    encoding: 'latin1',
  });
  const own = emptyAdvertisement().toString('latin1');
  assert.ok(own.startsWith('001f# service=git-receive-pack\n0000'));
  const pattern = /([0-9a-f]{4})(0{40} capabilities\^\{\}\0)([^\n]*)\n0000$/;
  const [, length = '', name, can = ''] = pattern.exec(own) ?? [];
  const [, , gitName, gitCan = ''] = pattern.exec(said) ?? [];
  assert.equal(name, gitName);
  assert.equal(Number.parseInt(length, 16), own.length - 35 - 4);
  const known = new Set(gitCan.split(' '));
  const odd = can.split(' ').filter((one) => !known.has(one) && !one.startsWith('agent='));
  assert.deepEqual(odd, []);
});
