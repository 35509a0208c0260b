import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client, Right, TokenLimits } from '../../src/index.ts';
import { CLIENT_CALLS } from '../../src/protocol/client-calls.ts';
import { RIGHTS } from '../../src/protocol/rights.ts';
import { dial } from '../../src/rpc/dial.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { FakeDrone, key } from '../fixtures/fake-drone.ts';
import { LocalFleet } from '../fixtures/local-fleet.ts';
import { ROOT } from '../fixtures/root.ts';

const fleet = new LocalFleet();
const peers: Peer[] = [];
let owner: Client;
before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
  for (const name of ['web1', 'db1'])
    peers.push((await FakeDrone.join(fleet.address, 'be:ep/b@op', name)).peer);
});
after(() => {
  for (const peer of peers) peer.close();
  return fleet.end();
});

/** A row of the table in SECURITY.md, for one of its calls. */
interface Row {
  rights: Right[];
  stages: string;
  drones: string;
  commands: string;
}

/** The table: what is tested is what is written. */
function table(): Map<string, Row> {
  const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
  const [, rows = ''] = /<!-- rights -->\n([\s\S]*?)<!-- \/rights -->/.exec(text) ?? [];
  const found = new Map<string, Row>();
  for (const line of rows.split('\n').slice(2)) {
    const [, , calls, rights, stages, drones, commands] = line.split('|').map((cell) => cell.trim());
    if (calls === undefined) continue;
    const row = {
      rights: (rights ?? '').split(', ') as Right[],
      ...{ stages: stages ?? '', drones: drones ?? '', commands: commands ?? '' },
    };
    for (const [, call = ''] of calls.matchAll(/`([^`]+)`/g)) {
      assert.ok(!found.has(call), `${call} is there twice`);
      found.set(call, row);
    }
  }
  return found;
}

const COMMIT = 'c'.repeat(40);
const COMMAND = ['npm', 'run', 'migrate'];
const select = { ids: [{ drone: null, id: 'ffffff' }] };
const exec = () => ({
  ...{ key: key(), repo: 'webapp', commit: COMMIT, command: COMMAND, env: {} },
  ...{ stdin: false, cwd: null, drones: ['web1'] },
});
const ofExec = { drone: 'web1', key: key() };
const order = { key: key(), host: 'example.com' };
const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const DIRECTORY = 'https://acme.example/directory';

/** What each call is made with: parameters that have the right shape, about what is not there. */
const PARAMS: Record<string, () => Record<string, unknown>> = {
  'logs.read': () => ({ drone: 'web1', id: 'ffffff', at: { kind: 'offset', offset: 0 }, limit: 1 }),
  subscribe: () => ({ events: true, output: null, drones: null }),
  deploy: () => ({ repo: 'webapp', commit: COMMIT, drones: ['web1'] }),
  spawn: () => ({ ...exec(), stdin: undefined }),
  stop: () => ({ select, grace: 0 }),
  restart: () => ({ select, grace: 0 }),
  'exec.start': exec,
  'exec.stdin': () => ({ ...ofExec, end: true }),
  'exec.ack': () => ({ ...ofExec, bytes: 1 }),
  'exec.resize': () => ({ ...ofExec, rows: 1, columns: 1 }),
  'exec.kill': () => ({ ...ofExec, signal: null }),
  'app.up': () => ({ commit: COMMIT }),
  'app.plan': () => ({ commit: COMMIT }),
  'app.build': () => ({ commit: COMMIT }),
  'app.restart': () => ({ services: [] }),
  'app.scale': () => ({ scale: {} }),
  'app.scale.plan': () => ({ scale: {} }),
  'app.maintenance.set': () => ({ page: null }),
  'app.env.get': () => ({ name: 'A' }),
  'app.run': () => ({ ...exec(), commit: null }),
  'endpoints.follow': () => ({ drains: false }),
  'endpoints.confirm': () => ({ hub: key(), revision: 0 }),
  'endpoints.drained': () => ({ id: 'ffffff' }),
  'certificate.order': () => ({ key: key(), directory: DIRECTORY, hosts: [] }),
  'certificate.challenge': () => ({
    ...order,
    challenge: { token: 'x'.repeat(43), answer: `${'x'.repeat(43)}.${'y'.repeat(43)}` },
  }),
  'certificate.keep': () => ({ ...order, directory: DIRECTORY, chain: pem, privateKey: pem }),
  'certificate.failed': () => ({ ...order, asked: false, why: 'x' }),
  'token.create': () => ({ name: `made${count++}`, can: ['admin'], repo: null, lifetime: null }),
  // Refused to every token.
  'secret.rotate': () => ({ hash: '0'.repeat(64), grace: 0 }),
  'token.remove': () => ({ name: 'nobody' }),
  'repos.remove': () => ({ repo: 'nothing' }),
  'commit.forget': () => ({ repo: 'nothing', commit: COMMIT }),
  'drones.forget': () => ({ name: 'nothing' }),
  'drones.label': () => ({ name: 'nothing', set: {}, unset: [] }),
  audit: () => ({ count: 1 }),
};

let count = 0;
const paramsOf = (call: string, more: object = {}) => ({
  ...(call.startsWith('app.') ? { repo: 'webapp', stage: 'pr-12' } : {}),
  ...PARAMS[call]?.(),
  ...more,
});

async function connectionWith(can: Right[], limits?: TokenLimits, repo?: string): Promise<Peer> {
  const options = { ...(limits ? { limits } : {}), ...(repo === undefined ? {} : { repo }) };
  const secret = await owner.tokenCreate({ name: `t${count++}`, can, ...options });
  const target = { hub: fleet.address, secret };
  const peer = await dial({ target, role: 'client', timeout: 10_000, pingEvery: 5_000, deadAfter: 60_000 });
  peers.push(peer);
  return peer;
}

/** Why a call was forbidden; null if it was not, whatever else became of it. */
async function refusal(peer: Peer, call: string, more: object = {}): Promise<string | null> {
  try {
    await peer.call(call, paramsOf(call, more));
    return null;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    assert.ok(code !== 'EPROTOCOL' || !message.startsWith(`${call}:`), message);
    return code === 'EFORBIDDEN' ? message : null;
  }
}

test('the table of SECURITY.md has every call, with its right', () => {
  const rows = table();
  assert.deepEqual([...rows.keys()].sort(), Object.keys(CLIENT_CALLS).sort());
});

for (const right of RIGHTS)
  test(`a token with the right '${right}' makes the calls of that right, and every other one names its own`, async () => {
    const peer = await connectionWith([right]);
    for (const [call, { rights }] of table()) {
      const why = await refusal(peer, call);
      if (rights.includes(right)) assert.doesNotMatch(why ?? '', /lacks the right/, call);
      else
        assert.match(why ?? 'allowed', new RegExp(`lacks the right '(${rights.join('|')})'.*--can=`), call);
    }
  });

const LIMITABLE: Right[] = ['read', 'release', 'deploy', 'exec'];
const isLimitable = ({ rights }: Row) => rights.some((right) => LIMITABLE.includes(right));

test('a token for stages makes the calls about these, and no others', async () => {
  const peer = await connectionWith(LIMITABLE, { stage: 'pr-*' }, 'webapp');
  for (const [call, row] of table()) {
    const why = await refusal(peer, call);
    if (row.stages === 'own' || row.stages === 'seen') assert.equal(why, null, call);
    else if (isLimitable(row))
      assert.match(
        why ?? 'allowed',
        /for the stages pr-\* of webapp only.*ask for one made with --app/,
        call,
      );
    else assert.match(why ?? 'allowed', /lacks the right/, call);
    if (row.stages !== 'own') continue;
    for (const stage of ['staging', null])
      assert.match(
        (await refusal(peer, call, { stage })) ?? 'allowed',
        /stages pr-\* of webapp only, not for webapp.*--app=webapp/,
        `${call} of ${stage}`,
      );
    assert.match((await refusal(peer, call, { repo: 'other' })) ?? 'allowed', /'webapp' only/, call);
  }
});

test('a token for drones makes the calls that name these, and none about all of them', async () => {
  const peer = await connectionWith(LIMITABLE, { drones: ['web*', 'role=db'] });
  for (const [call, row] of table()) {
    const why = await refusal(peer, call);
    if (row.drones === 'named' || row.drones === 'seen') assert.equal(why, null, call);
    else if (isLimitable(row))
      assert.match(why ?? 'allowed', /about all of them; ask.*without --drone/, call);
    else assert.match(why ?? 'allowed', /lacks the right/, call);
    if (row.drones !== 'named') continue;
    const other = (await refusal(peer, call, { drones: ['web1', 'db1'] })) ?? 'allowed';
    assert.match(other, /drones web\*, role=db only, not for db1; ask for one made with --drone=db1/, call);
    for (const drones of [null, []])
      assert.match((await refusal(peer, call, { drones })) ?? 'allowed', /name those that you mean/, call);
  }
});

test('a token for commands runs these as they are, and sees no variables', async () => {
  const peer = await connectionWith(['read', 'release', 'exec'], { commands: [['ls'], COMMAND] });
  for (const [call, row] of table()) {
    const why = await refusal(peer, call);
    const isAll = row.rights.some((right) => ['read', 'release'].includes(right)) || row.commands === 'all';
    if (row.commands === 'those' || isAll) assert.equal(why, null, call);
    else if (row.rights.includes('exec'))
      assert.match(why ?? 'allowed', /may exec 'ls', 'npm run migrate' only, and see no variables/, call);
    else assert.match(why ?? 'allowed', /lacks the right/, call);
    if (row.commands !== 'those') continue;
    const others = [
      ['npm', 'run', 'migrate', '--', 'x'],
      ['npm run migrate'],
      ['sh', '-c', 'npm run migrate'],
      ['npm'],
    ];
    for (const command of others)
      assert.match(
        (await refusal(peer, call, { command })) ?? 'allowed',
        /only, not '.*without --command/,
        call,
      );
    const env = { NODE_OPTIONS: '--require ./x' };
    assert.match((await refusal(peer, call, { env })) ?? 'allowed', /without --env/, call);
  }
  assert.match((await refusal(peer, 'exec.start', { cwd: 'other' })) ?? 'allowed', /without --cwd/);
});

test('limits are for rights that they can be about, and an older hub would give such a token none', async () => {
  const stage = { stage: 'pr-*' };
  const table: [Right[], TokenLimits, RegExp][] = [
    [['read'], stage, /--app=REPO@STAGE/],
    ...(['drone', 'proxy', 'admin'] as const).map((right): [Right[], TokenLimits, RegExp] => [
      ['read', right],
      { drones: ['x'] },
      /cannot be limited/,
    ]),
    [['read'], { commands: [['ls']] }, /--can=exec/],
    [['exec', 'deploy'], { commands: [['ls']] }, /may spawn anything/],
  ];
  for (const [can, limits, message] of table)
    await assert.rejects(owner.tokenCreate({ name: 'odd', can, limits }), { code: 'EUSAGE', message });
  const limits = { drones: ['web*'], commands: [['ls']] };
  await owner.tokenCreate({ name: 'kept', can: ['exec'], limits });
  const file = JSON.parse(readFileSync(join(fleet.dir, 'hub/tokens.json'), 'utf8')) as {
    tokens: { name: string; can: string[] }[];
  };
  assert.deepEqual(file.tokens.find(({ name }) => name === 'kept')?.can, []);
  await fleet.hub.close();
  await fleet.startHub();
  owner = await fleet.connect();
  const kept = (await owner.tokenList()).find(({ name }) => name === 'kept');
  assert.deepEqual([kept?.can, kept?.limits], [['exec'], limits], 'after a restart');
});
