import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readCommitted } from '../../src/git/committed-files.ts';
import { pushCommit } from '../../src/git/push.ts';
import { hubRemote } from '../../src/git/remote.ts';
import { basicAuth } from '../../src/protocol/authorization.ts';
import { deltaBomb } from '../fixtures/delta-bomb.ts';
import { commit, git, headOf, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { command, FLUSH } from '../fixtures/push.ts';
import { treeBomb } from '../fixtures/tree-bomb.ts';

const MIB = 1024 ** 2;
const fleet = new LocalFleet();
before(() => fleet.startHub({ gitMemory: 256 * MIB, allGitMemory: 768 * MIB, maxPush: MIB }));
after(() => fleet.end());

const push = (pack: Buffer, secret = SECRET) =>
  fetch(`http://127.0.0.1:${fleet.hub.gport}/bomb.git/git-receive-pack`, {
    method: 'POST',
    headers: { authorization: basicAuth(secret), connection: 'close' },
    body: Buffer.concat([
      Buffer.from(
        `${command('refs/heads/main', undefined, undefined, 'report-status side-band-64k')}${FLUSH}`,
      ),
      pack,
    ]),
  }).then((answer) => answer.text());

test('a small push that is large once git has put it together is refused', async () => {
  const bomb = deltaBomb(400 * MIB);
  assert.ok(bomb.length < 20_000, `${bomb.length}`);
  assert.match(await push(bomb), /Out of memory/);
  assert.doesNotMatch(await push(deltaBomb(100 * MIB)), /memory/, 'what fits is not');
});

test('the more gits there are, the less each may take: sixteen pushes of one token are not sixteen times the limit', async () => {
  const token = await (await fleet.connect()).tokenCreate({ name: 'bomber', can: ['deploy'] });
  const answers = await Promise.all(Array.from({ length: 16 }, () => push(deltaBomb(100 * MIB), token)));
  const refused = answers.filter((answer) => /emory/.test(answer)).length;
  // Alone, each would fit.
  assert.ok(refused >= 8, `${refused} of 16 were refused`);
});

test('what a hub reads of a commit is limited: its subject is cut, and a file that is too large is refused', async () => {
  const app = fleet.app('read', { 'fleet.toml': `# ${'x'.repeat(1_100_000)}\n`, Procfile: 'web: true\n' });
  const large = headOf(app);
  const paths = ['fleet.toml', 'Procfile'];
  const repository = join(app, '.git');
  await assert.rejects(readCommitted(repository, large, paths), { code: 'ECONFIG', message: /fleet.toml/ });
  writeFileSync(join(app, 'fleet.toml'), '# small\n');
  git(app, 'commit', '-q', '-a', '-m', 'y'.repeat(100_000));
  const { subject, files } = await readCommitted(repository, headOf(app), paths);
  assert.deepEqual([subject.length, files.get('Procfile')], [1_000, 'web: true']);
});

test('a commit of a few hundred bytes with 100,000 files is not checked out, and whoever deploys hears why', async () => {
  const drone = await fleet.startDrone('web1');
  const bomb = treeBomb(join(fleet.dir, 'apps/trees'), 5);
  const client = await fleet.connect();
  const release = { repo: 'trees', commit: headOf(bomb) };
  await pushCommit(bomb, hubRemote({ hub: fleet.address, secret: SECRET }), 'trees', release.commit);
  const { drones } = await client.deploy(release);
  assert.equal(drones['web1']?.code, 'ELIMIT');
  assert.match(drones['web1']?.message ?? '', /more than 100,000 files.* --max-files on web1/);
  assert.equal(existsSync(join(fleet.dir, 'web1/deploy')), false);
  await drone.close();
});

test('a push that is too large is refused, and whoever deploys is told how to allow it', async () => {
  const app = fleet.app('large', { 'a.txt': 'a' });
  const remote = hubRemote({ hub: fleet.address, secret: SECRET });
  await pushCommit(app, remote, 'large', headOf(app));
  const large = commit(app, { 'large.txt': randomBytes(MIB).toString('base64') });
  await assert.rejects(pushCommit(app, remote, 'large', large), { code: 'EGIT', message: /--max-push/ });
});
