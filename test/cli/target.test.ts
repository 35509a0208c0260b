import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { resolveDaemonTarget, resolveTarget } from '../../src/cli/target.ts';
import { argumentsOf, makeDir } from './world.ts';

const REMOTES = {
  default: {
    hub: 'default:1',
    secret: 'of-default',
    env: { A: 'default' },
    fingerprint: `sha256:${'a'.repeat(64)}`,
  },
  prod: { hub: 'prod:1', secret: 'of-prod', ca: 'ca.pem', repo: 'shop', env: { A: 'prod' } },
  open: { hub: 'open:1' },
};

function makeApp(t: TestContext, remote: object = REMOTES): string {
  const dir = makeDir(t);
  mkdirSync(join(dir, '.git'));
  writeFileSync(join(dir, 'fleet.json'), JSON.stringify({ remote }));
  return dir;
}

test('a flag wins over a named remote, which wins over the environment, which wins over the default remote; a secret of a remote is for its hub', async (t) => {
  const cwd = makeApp(t);
  const env = { HOME: cwd, FLEET_HUB: 'env:1', FLEET_SECRET: 'of-env' };
  const cases: [Record<string, string>, NodeJS.ProcessEnv, string, string | undefined][] = [
    [{}, { HOME: cwd }, 'default:1', 'of-default'],
    [{}, env, 'env:1', 'of-env'],
    [{ hub: 'flag:1' }, env, 'flag:1', 'of-env'],
    [{ hub: 'flag:1', secret: 'of-flag' }, env, 'flag:1', 'of-flag'],
    [{ secret: 'of-flag' }, { HOME: cwd }, 'default:1', 'of-flag'],
    [{ secret: '007' }, { HOME: cwd }, 'default:1', '007'],
    [{ remote: 'prod' }, { HOME: cwd }, 'prod:1', 'of-prod'],
    [{ remote: 'prod' }, env, 'prod:1', 'of-prod'],
    [{ remote: 'open' }, env, 'open:1', 'of-env'],
    [{ remote: 'prod', hub: 'flag:1' }, env, 'flag:1', 'of-env'],
    [{ remote: 'prod', hub: 'http://prod:1' }, env, 'http://prod:1', 'of-prod'],
    [{ hub: 'flag:1' }, { HOME: cwd }, 'flag:1', undefined],
    [{}, { HOME: cwd, FLEET_HUB: 'env:1' }, 'env:1', undefined],
    [{}, { HOME: cwd, FLEET_HUB: 'default:1' }, 'default:1', 'of-default'],
    [{}, { HOME: cwd, FLEET_HUB: '' }, 'default:1', 'of-default'],
  ];
  for (const [given, world, hub, secret] of cases) {
    const target = await resolveTarget(argumentsOf(given), { cwd, env: world });
    assert.deepEqual([target.hub, target.secret], [hub, secret], JSON.stringify(given));
  }
});

test("a remote's environment, repository, key and CA apply to its own hub only", async (t) => {
  const io = { cwd: makeApp(t), env: { HOME: '/nowhere' } };
  const default_ = await resolveTarget(argumentsOf({}), io);
  assert.deepEqual([default_.env, default_.fingerprint], [{ A: 'default' }, `sha256:${'a'.repeat(64)}`]);
  const prod = await resolveTarget(argumentsOf({ remote: 'prod' }), io);
  assert.deepEqual([prod.env, prod.ca, prod.repo], [{ A: 'prod' }, join(io.cwd, 'ca.pem'), 'shop']);
  assert.equal((await resolveTarget(argumentsOf({ remote: 'prod', hub: 'other:1' }), io)).repo, 'shop');
  assert.equal((await resolveTarget(argumentsOf({ hub: 'x', ca: 'my.pem' }), io)).ca, join(io.cwd, 'my.pem'));
  const other = await resolveTarget(argumentsOf({ hub: 'other:1' }), io);
  assert.deepEqual([other.env, other.fingerprint], [{}, undefined]);
});

test('the secret of a remote with several hubs is for each of them, and for no list with another one in it', async (t) => {
  const cwd = makeApp(t);
  const remote = { prod: { hub: 'https://h1:1,https://h2', secret: 'its' } };
  writeFileSync(join(cwd, 'fleet.json'), JSON.stringify({ remote }));
  const secretFor = async (hub: string) =>
    (await resolveTarget(argumentsOf({ remote: 'prod', hub }), { cwd, env: { HOME: cwd } })).secret;
  for (const hub of ['https://h2:7000,https://h1:1', 'https://h2']) assert.equal(await secretFor(hub), 'its');
  for (const hub of ['https://h1:1,https://h3', 'https://h1', 'h2'])
    assert.equal(await secretFor(hub), undefined, hub);
});

test('without any hub, the error says what to do', async (t) => {
  const cwd = makeDir(t);
  await assert.rejects(() => resolveTarget(argumentsOf({}), { cwd, env: { HOME: cwd } }), {
    code: 'ENOREMOTE',
    message: 'Specify a --hub or set a remote.',
  });
});

test('the error for an unknown remote lists the known ones', async (t) => {
  const io = { cwd: makeApp(t), env: { HOME: '/nowhere' } };
  await assert.rejects(() => resolveTarget(argumentsOf({ remote: 'prdo' }), io), {
    code: 'ENOREMOTE',
    message: "no remote 'prdo'; did you mean prod?; there are: default, prod, open",
  });
  await assert.rejects(() => resolveTarget(argumentsOf({ remote: 'toString' }), io), { code: 'ENOREMOTE' });
});

test('without a remote, a key of fleet.json that was mistyped is named', async (t) => {
  const cwd = makeApp(t);
  writeFileSync(join(cwd, 'fleet.json'), JSON.stringify({ remotes: REMOTES }));
  const hint = `${join(cwd, 'fleet.json')} has "remotes"; did you mean "remote"?`;
  const io = { cwd, env: { HOME: '/nowhere' } };
  await assert.rejects(() => resolveTarget(argumentsOf({}), io), {
    message: `Specify a --hub or set a remote. ${hint}`,
  });
  await assert.rejects(() => resolveTarget(argumentsOf({ remote: 'prod' }), io), {
    message: `no remote 'prod'; there are none; see: fleet help remote; ${hint}`,
  });
});

test('flags that are complete need no fleet.json, and ignore a broken one', async (t) => {
  const cwd = makeApp(t);
  writeFileSync(join(cwd, 'fleet.json'), '{');
  const io = { cwd, env: { HOME: cwd } };
  assert.equal((await resolveTarget(argumentsOf({ hub: 'x:1', secret: 's' }), io)).hub, 'x:1');
  await assert.rejects(() => resolveTarget(argumentsOf({}), io), { code: 'ECONFIG' });
});

test('an address, a fingerprint and a timeout are checked before anything is dialled', async (t) => {
  const io = { cwd: makeDir(t), env: {} };
  const usage = { code: 'EUSAGE' };
  for (const given of [
    { hub: 'a:b' },
    { hub: 'a,,b' },
    { hub: 'a', fingerprint: 'x' },
    { hub: 'a', timeout: 'x' },
    { hub: 'a', timeout: '0' },
  ])
    await assert.rejects(() => resolveTarget(argumentsOf({ secret: 's', ...given }), io), usage);
  assert.equal((await resolveTarget(argumentsOf({ hub: 'a', timeout: '2m' }), io)).timeout, 120_000);
});

test('a drone joins the hub of a fleet.json only if it is told to', async (t) => {
  const cwd = makeApp(t);
  const hubOf = async (values: Record<string, string>, env = {}) => {
    const io = { cwd, env: { HOME: cwd, ...env } };
    const hint = 'did you mean fleet drones? to join: fleet drone --remote=default';
    return (await resolveDaemonTarget(argumentsOf(values), io, hint)).hub;
  };
  await assert.rejects(() => hubOf({}), {
    code: 'EUSAGE',
    message: 'did you mean fleet drones? to join: fleet drone --remote=default',
  });
  assert.equal(await hubOf({ remote: 'default' }), 'default:1');
  assert.equal(await hubOf({ hub: 'flag:1' }), 'flag:1');
  assert.equal(await hubOf({}, { FLEET_HUB: 'env:1' }), 'env:1');
});
