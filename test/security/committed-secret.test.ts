import assert from 'node:assert/strict';
import { test } from 'node:test';
import { git, headOf } from '../fixtures/local-fleet.ts';
import { assertGave, stage } from '../fixtures/stage.ts';

const on = stage(['web1'], { Procfile: 'web: node -v\n' }, ['hub', 'web1']);

test('a commit with a secret in its fleet.json is deployed only by force', async () => {
  git(on.app, 'add', '--force', 'fleet.json');
  git(on.app, 'commit', '--quiet', '--message=all of it');
  await on.cli('remote', 'trust');
  for (const args of [['deploy'], ['up'], ['up', '--dry-run'], ['up', '--only=build']]) {
    const { code, stderr } = await on.cli(...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, /^fleet: [0-9a-f]{7} has a secret in its fleet\.json: .*--force/m);
  }
  assertGave(
    await on.cli('deploy', '--force'),
    0,
    `deployed webapp/${headOf(on.app)}\n`,
    'fleet up releases it\n',
  );
});
