import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pm2Environment } from '../../../src/cli/init/pm2-environment.ts';

/** What is taken of these variables, and the names of what is left. */
function taken(app: Record<string, unknown>) {
  const left: string[] = [];
  return { env: pm2Environment(app, (key) => left.push(key)), left };
}

test('the environment for production wins, and those of other stages are left', () => {
  assert.deepEqual(
    taken({ env: { A: 1, B: 'b' }, env_production: { A: true }, env_staging: { A: 2 }, env_file: '.env' }),
    {
      env: { A: 'true', B: 'b' },
      left: ['env_staging'],
    },
  );
});

for (const [name, value] of [
  ['DB_PASSWORD', 'x'],
  ['api_key', 'x'],
  ['KEY', 'x'],
  ['SESSION_SECRET', 'x'],
  ['GITHUB_TOKEN', 'x'],
  ['DATABASE_URL', 'postgres://ada:pw@db/app'],
  ['CERT', '-----BEGIN RSA PRIVATE KEY-----'],
  ['PORT', 3000],
  ['not a name', 'x'],
  ['NOTHING', null],
  ['LIST', ['a']],
] as const) {
  test(`${name}=${JSON.stringify(value)} does not belong into fleet.toml`, () => {
    assert.deepEqual(taken({ env: { [name]: value } }), { env: {}, left: [`env.${name}`] });
  });
}

test('what only looks like a secret is taken', () => {
  const env = {
    KEYBOARD: 'de',
    MONKEY: 'x',
    PASSENGER_URL: 'http://example.com/a@b',
    EMAIL: 'a@example.com',
  };
  assert.deepEqual(taken({ env }), { env, left: [] });
});
