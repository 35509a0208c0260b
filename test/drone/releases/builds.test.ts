import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client } from '../../../src/index.ts';
import { commit as commitFiles, git, LocalFleet } from '../../fixtures/local-fleet.ts';
import { preparationOf, Workshop } from '../../fixtures/workshop.ts';

const fleet = new LocalFleet();
const DRONE = join(fleet.dir, 'web1');
let client: Client;
let shop: Workshop;
before(async () => {
  await fleet.startHub();
  client = await fleet.connect();
  shop = new Workshop(fleet, DRONE);
});
after(async () => {
  await shop?.end();
  await fleet.end();
});

/** A commit that the hub has. */
async function pushed(name: string, files: Record<string, string> = { 'a.txt': 'one\n' }) {
  const app = fleet.app(name, files);
  return { app, commit: await push(app) };
}

async function push(app: string): Promise<string> {
  const { commit } = await client.deploy({ dir: app });
  return commit;
}

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const checkout = (app: string, commit: string) => join(DRONE, 'deploy', `${app}.${commit}`);
const recordOf = (app: string, commit: string) =>
  JSON.parse(read(DRONE, 'release', `${app}.${commit}.json`)) as Record<string, unknown>;

test('a commit is built once, in its checkout, with the environment of its app, and has a log', async () => {
  const { commit } = await pushed('built');
  const script = 'echo "$APP $REPO $SHARED $GREETING [$PORT$RELEASE] $PWD"; echo x >> made';
  const wanted = preparationOf('built', commit, { script, env: { GREETING: 'hello' } });
  const [first, joined] = await Promise.all([shop.releases.prepare(wanted), shop.releases.prepare(wanted)]);
  assert.equal(first.why, null);
  assert.deepEqual(joined, first);
  const path = checkout('built', commit);
  assert.equal(shop.logOf(first.job), `built built ${DRONE}/shared/built hello [] ${path}\n`);
  assert.deepEqual(await shop.releases.prepare(wanted), first, 'it is built already');
  assert.equal(read(path, 'made'), 'x\n');
  assert.equal(recordOf('built', commit)['prepared'], 'built');
  const need = join(DRONE, 'release', `built.${commit}.need.json`);
  assert.equal(statSync(need).mode & 0o777, 0o600, 'the environment may be secret');
});

test('a stage has a checkout of its own, of the same commit', async () => {
  const { commit } = await pushed('staged');
  for (const app of ['staged', 'staged@pr-12']) {
    const { why } = await shop.releases.prepare(preparationOf(app, commit, { script: 'echo $APP > made' }));
    assert.equal(why, null);
    assert.equal(read(checkout(app, commit), 'made'), `${app}\n`);
  }
  assert.equal(await shop.releases.ensure('staged', commit), checkout('staged', commit));
});

test('a failed build is explained, and stays for inspection until the next attempt, which begins with a fresh checkout', async () => {
  const { commit } = await pushed('fails');
  const path = checkout('fails', commit);
  const wanted = preparationOf('fails', commit, { script: 'test ! -e made && touch made && exit "$CODE"' });
  const { job, why } = await shop.releases.prepare({ ...wanted, env: { CODE: '7' } });
  assert.equal(why, 'the build exited with code 7');
  assert.match(job ?? '', /^[0-9a-f]{6}$/);
  assert.ok(existsSync(join(path, 'made')));
  assert.equal(await shop.releases.ensure('fails', commit), path, 'by hand it may be started from');
  const again = await shop.releases.prepare({ ...wanted, env: { CODE: '0' } });
  assert.equal(again.why, null);
  assert.notEqual(again.job, job);
});

test('a build that takes too long is ended with everything that it has started', async () => {
  const { commit } = await pushed('slow');
  const { why } = await shop.releases.prepare(
    preparationOf('slow', commit, { script: 'sleep 300 & sleep 300', buildTimeoutMs: 200 }),
  );
  assert.equal(why, 'the build took longer than 200ms');
});

test('tracked files that a build has changed are not damage, and a deploy restores them as the build left them', async () => {
  const { commit } = await pushed('changes', { 'lock.json': 'old\n', 'gone.txt': 'gone\n', 'a.txt': 'a\n' });
  const path = checkout('changes', commit);
  const script = 'echo new > lock.json; rm gone.txt; mkdir made; touch made/b';
  assert.equal((await shop.releases.prepare(preparationOf('changes', commit, { script }))).why, null);
  assert.equal(await shop.releases.bring('whole', 'changes', commit), false);
  assert.equal(read(path, 'lock.json'), 'new\n');
  writeFileSync(join(path, 'lock.json'), 'damaged\n');
  assert.equal(await shop.releases.bring('whole', 'changes', commit), true);
  assert.equal(read(path, 'lock.json'), 'new\n');
  assert.ok(!existsSync(join(path, 'gone.txt')) && existsSync(join(path, 'made/b')));
});

test('a new checkout is prepared again before the app starts there, without the hub', async () => {
  const { commit } = await pushed('again');
  const path = checkout('again', commit);
  const wanted = preparationOf('again', commit, { script: 'echo $WORD > made', env: { WORD: 'built' } });
  await shop.releases.prepare(wanted);
  rmSync(path, { recursive: true });
  const release = { app: 'again', repo: 'again', commit };
  assert.equal(await shop.releases.ensurePrepared(release), path);
  assert.equal(read(path, 'made'), 'built\n');
  await shop.releases.bring('new', 'again', commit);
  assert.ok(!existsSync(join(path, 'made')), 'a forced deploy');
  assert.equal(await shop.releases.ensurePrepared(release), path);
  assert.equal(read(path, 'made'), 'built\n');
});

test('the app does not start from a commit that was never prepared', async () => {
  const { commit } = await pushed('never');
  await assert.rejects(shop.releases.ensurePrepared({ app: 'never', repo: 'never', commit }), {
    code: 'ESPAWN',
    message: `never ${commit.slice(0, 7)} is not prepared here`,
  });
});

test('while something runs from a checkout, the app is built beside it', async () => {
  const { commit } = await pushed('occupied');
  await shop.releases.bring('whole', 'occupied', commit);
  const path = await shop.releases.ensure('occupied', commit);
  const job = {
    id: 'abcde1',
    key: 'a'.repeat(32),
    app: 'occupied',
    repo: 'occupied',
    commit,
    env: {},
    user: null,
  };
  await shop.jobs.build({
    ...job,
    command: ['sleep', '300'],
    timeoutMs: 60_000,
    release: 2,
    directory: path,
  });
  const wanted = preparationOf('occupied', commit, { script: 'touch made' });
  assert.equal((await shop.releases.prepare(wanted)).why, null);
  assert.ok(!existsSync(join(path, 'made')));
  assert.ok(existsSync(join(`${path}-2`, 'made')));
  assert.equal((await shop.releases.prepare({ ...wanted, rebuild: true })).why, null);
  assert.ok(!existsSync(`${path}-3`), 'nothing runs from the second one');
  shop.jobs.end(job.key);
  await shop.jobs.outcome(job.id);
});

test('a rebuild begins with a fresh checkout', async () => {
  const { commit } = await pushed('rebuilt');
  const wanted = preparationOf('rebuilt', commit, { script: 'echo x >> made' });
  const first = await shop.releases.prepare(wanted);
  const second = await shop.releases.prepare({ ...wanted, rebuild: true });
  assert.notEqual(second.job, first.job);
  assert.equal(read(checkout('rebuilt', commit), 'made'), 'x\n');
});

test('caches are copied from the last checkout that was built', async () => {
  const { app, commit } = await pushed('cached');
  const script = 'cat .npm/x 2>&1; mkdir -p .npm; echo "$COMMIT" > .npm/x; exit $CODE';
  const wanted = { script, cache: ['.npm', 'none'] };
  await shop.releases.prepare(preparationOf('cached', commit, { ...wanted, env: { CODE: '0' } }));
  commitFiles(app, { 'a.txt': 'failing\n' });
  const failing = await push(app);
  await shop.releases.prepare(preparationOf('cached', failing, { ...wanted, env: { CODE: '1' } }));
  commitFiles(app, { 'a.txt': 'two\n' });
  const next = await push(app);
  const { job } = await shop.releases.prepare(
    preparationOf('cached', next, { ...wanted, env: { CODE: '0' } }),
  );
  assert.equal(shop.logOf(job), `${commit}\n`, 'not from the one that failed');
  assert.equal(read(checkout('cached', commit), '.npm/x'), `${commit}\n`);
  assert.equal(read(checkout('cached', next), '.npm/x'), `${next}\n`);
});

test('a shared directory begins with what the commit has in its place, and is a link from then on', async () => {
  const app = fleet.app('shares', { 'a.txt': 'a' });
  mkdirSync(join(app, 'uploads'));
  commitFiles(app, { 'uploads/first': '1' });
  const commit = await push(app);
  const shared = [
    { path: 'uploads/', directory: true },
    { path: 'var/tmp/', directory: true },
  ];
  assert.equal((await shop.releases.prepare(preparationOf('shares', commit, { shared }))).why, null);
  const path = checkout('shares', commit);
  assert.equal(readlinkSync(join(path, 'uploads')), '../../shared/shares/uploads');
  assert.equal(readlinkSync(join(path, 'var/tmp')), '../../../shared/shares/var/tmp');
  assert.equal(read(path, 'uploads/first'), '1');
  writeFileSync(join(path, 'uploads/mine'), 'mine');
  assert.equal(await shop.releases.bring('whole', 'shares', commit), false, 'a link is not damage');

  commitFiles(app, { 'uploads/first': '2' });
  const next = await push(app);
  await shop.releases.prepare(preparationOf('shares', next, { shared }));
  assert.equal(read(checkout('shares', next), 'uploads/mine'), 'mine');
  assert.equal(read(checkout('shares', next), 'uploads/first'), '1');
  const { why } = await shop.releases.prepare(preparationOf('shares@pr-1', next, { shared }));
  assert.equal(why, null);
  assert.equal(read(checkout('shares@pr-1', next), 'uploads/first'), '2');
});

test('a shared file must exist before anything starts, and the message says how to put it there', async () => {
  const { commit } = await pushed('lacks');
  const wanted = preparationOf('lacks', commit, {
    shared: [{ path: 'config/local.json', directory: false }],
  });
  const { why } = await shop.releases.prepare(wanted);
  assert.equal(
    why,
    `web1 lacks config/local.json; put it there: fleet run --drone=web1 -- sh -c 'cat > "$SHARED/config/local.json"' < local.json`,
  );
  writeFileSync(join(DRONE, 'shared/lacks/config/local.json'), '{}');
  assert.equal((await shop.releases.prepare(wanted)).why, null);
  assert.equal(read(checkout('lacks', commit), 'config/local.json'), '{}');
});

test('a path that leads out of the checkout, by itself or through a link in the commit, is refused', async () => {
  const app = fleet.app('leads', { 'a.txt': 'a' });
  symlinkSync(fleet.dir, join(app, 'out'));
  git(app, 'add', '-A');
  git(app, 'commit', '-q', '-m', 'a link');
  const commit = await push(app);
  for (const path of ['../x/', '/x/', '.git/hooks/', 'out/x/', 'a.txt/x/']) {
    const shared = [{ path, directory: true }];
    await assert.rejects(
      shop.releases.prepare(preparationOf('leads', commit, { shared })),
      { code: 'EUSAGE' },
      path,
    );
    await assert.rejects(
      shop.releases.prepare(preparationOf('leads', commit, { cache: [path], script: 'true' })),
      { code: 'EUSAGE' },
      path,
    );
  }
  assert.ok(
    !existsSync(join(fleet.dir, 'x')) && lstatSync(join(checkout('leads', commit), 'out')).isSymbolicLink(),
  );
});

test('the build of a drone that is root runs as the user of the app, who owns checkout and shared files', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async () => {
  const { commit } = await pushed('users');
  const script =
    'echo "$(id -un) $(id -gn) $HOME $USER $LOGNAME $SHELL"; touch made; stat -c %U . a.txt made up/.';
  const shared = [{ path: 'up/', directory: true }];
  const wanted = preparationOf('users', commit, { script, shared, user: 'nobody' });
  await assert.rejects(shop.releases.prepare(wanted), {
    code: 'ESPAWN',
    message: `the user nobody cannot enter ${DRONE}/shared/users: every directory above must let it through (chmod o+x)`,
  });
  chmodSync(fleet.dir, 0o711);
  const { job, why } = await shop.releases.prepare(wanted);
  assert.equal(why, null);
  const [said = '', ...owners] = shop.logOf(job).trim().split('\n');
  assert.match(said, /^nobody \S+ \S+ nobody nobody \S+$/);
  assert.deepEqual(owners, ['nobody', 'nobody', 'nobody', 'nobody']);
  await assert.rejects(
    shop.releases.prepare(preparationOf('users', commit, { script, user: 'nobody-at-all' })),
    {
      code: 'ESPAWN',
      message: 'there is no user nobody-at-all here',
    },
  );
});
