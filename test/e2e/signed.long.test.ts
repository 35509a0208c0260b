import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit } from '../fixtures/local-fleet.ts';
import { stage } from '../fixtures/stage.ts';

const FILES = {
  Procfile: 'worker: sleep 300\n',
  'fleet.toml': '[deploy]\nsigned = true\n[services.worker]\nhealth = { stable = "100ms" }\n',
};
const on = stage(['web1'], FILES, ['hub']);

/** Makes an SSH key, and returns the path of it. */
function makeKey(name: string): string {
  const path = join(on.fleet.dir, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  return path;
}

function sign(key: string, message: string): void {
  const config = ['gpg.format=ssh', `user.signingKey=${key}`, 'user.name=a', 'user.email=ada@example.com'];
  const args = config.flatMap((one) => ['-c', one]);
  execFileSync('git', [...args, 'commit', '--quiet', '--allow-empty', '-S', '-m', message], { cwd: on.app });
}

test('with signed = true, only what an allowed signer has signed is released, built or deployed', async () => {
  const none = await on.cli('up');
  assert.deepEqual([none.code, none.stdout], [1, '']);
  assert.match(
    none.stderr,
    /^fleet: fleet\.toml: deploy\.signed: the hub has no allowed signers; list them in [^\n]+$/m,
  );

  const [ada, eve] = [makeKey('ada'), makeKey('eve')];
  const signers = `ada@example.com ${readFileSync(`${ada}.pub`, 'utf8')}`;
  writeFileSync(join(on.fleet.dir, 'hub', 'allowed-signers'), signers);
  const refused = /^fleet: fleet\.toml: deploy\.signed: [0-9a-f]{7} is not signed by an allowed signer; /m;
  for (const words of [['up'], ['up', '--dry-run'], ['up', '--only=build'], ['deploy']]) {
    const unsigned = await on.cli(...words);
    assert.equal(unsigned.code, 1, words.join(' '));
    assert.match(unsigned.stderr, refused, words.join(' '));
  }
  sign(eve, 'by somebody else');
  assert.match((await on.cli('up')).stderr, refused);
  sign(ada, 'by an allowed signer');
  const up = await on.cli('up');
  assert.deepEqual([up.code, up.stdout.slice(0, 8)], [0, 'v1 live '], up.stderr);

  commit(on.app, { 'fleet.toml': FILES['fleet.toml'].replace('signed = true', 'signed = false') });
  assert.match((await on.cli('up')).stderr, refused, 'nobody unsigned can take the rule away');
  sign(ada, 'by an allowed signer, who may');
  const without = await on.cli('up');
  assert.equal(without.code, 0, without.stderr);
  commit(on.app, { 'more.txt': '' });
  assert.equal((await on.cli('up')).code, 0);
});
