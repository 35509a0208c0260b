import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ClusterFleet } from '../fixtures/cluster-fleet.ts';
import { commit, eventually, headOf } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';
import { SECRET } from '../fixtures/real-fleet.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

/** So many hubs that know each other, and an app. */
async function started(t: TestContext, names: string[], ...options: string[]) {
  const on = await ClusterFleet.open();
  t.after(() => on.end());
  for (const name of names) await on.clusterHub(name, ...options);
  for (const name of names) await linked(on, name, names);
  const app = await on.app('webapp', { 'a.txt': 'one\n' });
  return { on, app };
}

async function linked(on: ClusterFleet, name: string, names: string[]): Promise<void> {
  const all = [...names].sort().join(' ');
  await eventually(
    async () => (await on.listed(name)).map((hub) => hub.name).join(' ') === all,
    `${name} lists ${all}`,
  );
}

const gitAt = (on: ClusterFleet, name: string, scheme = 'http') =>
  `${scheme}://git:${SECRET}@127.0.0.1:${on.hubs.get(name)?.gport}/webapp.git`;

function run(cwd: string, ...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile('git', args, { cwd, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout, stderr) =>
      resolve({ code: error ? 1 : 0, text: `${stdout}${stderr}` }),
    );
  });
}

const refsAt = async (on: ClusterFleet, name: string) =>
  (await run(on.dir, 'ls-remote', '--symref', gitAt(on, name))).text;

test('a hub that is killed right after a push has lost nothing', { skip }, async (t) => {
  const { on, app } = await started(t, ['h1', 'h2', 'h3']);
  for (let n = 0; n < 5; n++) {
    const head = commit(app, { 'a.txt': `${n}\n` });
    const pushed = await run(
      app,
      'push',
      '-q',
      gitAt(on, 'h1'),
      'HEAD:refs/heads/main',
      `HEAD:refs/tags/v${n}`,
    );
    await on.hubs.get('h1')?.running.end('SIGKILL');
    assert.equal(pushed.code, 0, pushed.text);
    assert.doesNotMatch(pushed.text, /alone/);
    for (const other of ['h2', 'h3'])
      await eventually(
        async () => (await refsAt(on, other)).includes(`${head}\trefs/tags/v${n}`),
        `${other} has it`,
      );
    await on.clusterHub('h1');
    await linked(on, 'h1', ['h1', 'h2', 'h3']);
    await eventually(async () => (await refsAt(on, 'h1')) === (await refsAt(on, 'h2')), 'h1 has it still');
  }
});

test('what is pushed to one hub is deployed through another, while the first is dead', {
  skip,
}, async (t) => {
  const { on, app } = await started(t, ['h1', 'h2']);
  on.use('h2');
  await on.drone('web1');
  const head = headOf(app);
  const pushed = await run(app, 'push', '-q', gitAt(on, 'h1'), `HEAD:refs/fleet/${head}`);
  await on.hubs.get('h1')?.running.end('SIGKILL');
  assert.equal(pushed.code, 0, pushed.text);
  const deployed = await on.at('h2', 'deploy', `--commit=${head}`, '--repo=webapp');
  assert.equal(deployed.stdout, `deployed webapp/${head}\n`, deployed.stderr);
});

test('a push waits 5 s for a hub that does not answer, and says that one hub alone holds it', {
  skip,
}, async (t) => {
  const { on, app } = await started(t, ['h1', 'h2']);
  process.kill(on.hubs.get('h2')?.running.pid ?? 0, 'SIGSTOP');
  const began = performance.now();
  const pushed = await run(app, 'push', gitAt(on, 'h1'), `HEAD:refs/fleet/${headOf(app)}`);
  const took = performance.now() - began;
  process.kill(on.hubs.get('h2')?.running.pid ?? 0, 'SIGCONT');
  assert.match(pushed.text, /^remote: held by h1 alone *$/m);
  assert.ok(took > 3_000 && took < 15_000, `${took}`);
  await eventually(
    () => existsSync(join(on.dir, `h2/repos/webapp.git/refs/fleet/${headOf(app)}`)),
    'it has the commit once it goes on',
  );
});

test('whoever deploys is told if no other hub can have the commit', { skip }, async (t) => {
  // Nobody listens there.
  const { on, app } = await started(t, ['h1', 'h2'], '--advertise=http://127.9.9.9:7000');
  const address = `127.0.0.1:${on.hubs.get('h1')?.port}`;
  const deployed = await on.run(['deploy', `--hub=${address}`, `--secret=${SECRET}`], { cwd: app });
  assert.match(deployed.stderr, /^held by h1 alone$/m);
  assert.equal(deployed.code, 0);
});

test('hubs with certificates of their own fetch from each other', { skip }, async (t) => {
  const { on, app } = await started(t, []);
  const h1 = await on.clusterHub('h1', '--tls');
  await on.clusterHub('h2', '--tls');
  await h1.running.printed(/linked with the hub h2/);
  const head = headOf(app);
  const pushed = await run(
    app,
    '-c',
    'http.sslVerify=false',
    'push',
    '-q',
    gitAt(on, 'h1', 'https'),
    'HEAD:refs/heads/main',
  );
  assert.equal(pushed.code, 0, pushed.text);
  assert.doesNotMatch(pushed.text, /alone/);
  assert.ok(existsSync(join(on.dir, `h2/repos/webapp.git/refs/fleet/${head}`)));
});
