import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { AuditEntry, Client } from '../../src/index.ts';
import { basicAuth } from '../../src/protocol/authorization.ts';
import { eventually, LocalFleet } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
let owner: Client;
let app = '';
const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: app });

before(async () => {
  await fleet.startHub({ trustProxy: ['127.0.0.1'], auditTo: '../copy.jsonl' });
  await fleet.startDrone('web1');
  owner = await fleet.connect();
  app = fleet.app('mine', { 'a.txt': 'a' });
  await owner.deploy({ dir: app });
});
after(() => fleet.end());

/** The entries of one name, once there is one that matches. */
async function entriesOf(who: string, call: string, result: RegExp): Promise<AuditEntry[]> {
  return eventually(async () => {
    const entries = (await owner.audit(100_000)).filter((one) => one.who === who);
    return entries.some((one) => one.call === call && result.test(one.result)) ? entries : undefined;
  }, `${call} of ${who}`);
}

test('a token cannot push the entries of others out of the trail by calls that are refused', async () => {
  const token = await owner.tokenCreate({ name: 'flood', can: ['exec', 'read'], repo: 'mine' });
  const client = await fleet.connect(token);
  const long = ['x'.repeat(15_000)];
  const theirs = { repo: 'theirs', commit: 'a'.repeat(40), command: long, drones: ['web1'] };
  const tries = Array.from({ length: 300 }, () => client.exec(theirs).catch(({ code }) => code));
  assert.deepEqual([...new Set(await Promise.all(tries))], ['EFORBIDDEN']);
  const spawns = Array.from({ length: 300 }, () => client.spawn(theirs).catch(({ code }) => code));
  assert.deepEqual([...new Set(await Promise.all(spawns))], ['EFORBIDDEN']);
  client.close();
  const entries = await entriesOf('flood', 'exec.start', /only/);
  assert.deepEqual(
    entries.map(({ call }) => call),
    ['exec.start', 'spawn'],
  );
  assert.ok(!JSON.stringify(entries).includes('xxx'));
});

test('no token has the name of somebody else in the trail', async () => {
  for (const name of ['secret', 'anyone', 'hub', 'unknown'])
    await assert.rejects(owner.tokenCreate({ name, can: ['read'] }), { code: 'EUSAGE' });
});

test('it has wrong secrets, counted', async () => {
  for (let n = 0; n < 3; n++) await assert.rejects(fleet.connect('wrong'), { code: 'EAUTH' });
  const entries = await entriesOf('unknown', 'login', /^wrong secret$/);
  assert.equal(entries.length, 1);
});

test('it has the address behind a proxy that is trusted, and not one that was invented', async () => {
  const headers = { authorization: basicAuth('guessed'), 'x-forwarded-for': '6.6.6.6, 198.51.100.7' };
  const { status } = await fetch(`http://${fleet.address}/mine.git/info/refs?service=git-upload-pack`, {
    headers,
  });
  assert.equal(status, 401);
  const entries = await eventually(async () => {
    const found = (await owner.audit(1_000)).filter(({ address }) => address === '198.51.100.7');
    return found.length > 0 ? found : undefined;
  }, 'it is written');
  assert.deepEqual(
    entries.map(({ call, who }) => [call, who]),
    [['login', 'unknown']],
  );
});

test('each entry is copied, as it is, to where the operator wants it', async () => {
  const copied = () => readFileSync(join(fleet.dir, 'copy.jsonl'), 'utf8');
  const trail = () => readFileSync(join(fleet.dir, 'hub/audit.jsonl'), 'utf8');
  await eventually(() => copied() !== '' && copied() === trail(), 'it is the same');
  assert.equal((await owner.auditVerify()).fault, null);
});

test('it has drones that join, and the end of an exec', async () => {
  const token = await owner.tokenCreate({ name: 'worker', can: ['drone'] });
  await fleet.startDrone('web2', { secret: token });
  const [joined] = await entriesOf('worker', 'join', /^ok$/);
  assert.equal(joined?.['drone'], 'web2');
  const exec = await owner.exec({ dir: app, drones: ['web1'], command: ['sh', '-c', 'exit 7'] });
  for await (const _ of exec);
  await entriesOf('secret', 'exec.start', /^exited with code 7$/);
});

test('it has repositories that are made, and pushes that remove refs, are refused, or are not allowed', async () => {
  const token = await owner.tokenCreate({ name: 'pusher', can: ['deploy', 'read'] });
  const url = `http://git:${token}@${fleet.address}/made.git`;
  await git('push', '-q', url, 'HEAD:refs/heads/main', 'HEAD:refs/heads/old');
  await entriesOf('pusher', 'create', /^ok$/);
  await git('push', '-q', url, ':refs/heads/old');
  const removed = await entriesOf('pusher', 'push', /^removed$/);
  assert.deepEqual(removed.at(-1)?.['refs'], ['refs/heads/old']);
  await assert.rejects(git('push', '-q', url, 'HEAD:refs/notes/x'));
  await entriesOf('pusher', 'push', /only branches and tags/);
  const reader = await owner.tokenCreate({ name: 'reader', can: ['read'] });
  await assert.rejects(
    git('push', '-q', `http://git:${reader}@${fleet.address}/made.git`, 'HEAD:refs/heads/x'),
  );
  await entriesOf('reader', 'push', /lacks the right 'deploy'/);
});
