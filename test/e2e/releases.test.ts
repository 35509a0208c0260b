import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit } from '../fixtures/local-fleet.ts';
import type { Result } from '../fixtures/running.ts';
import { stage } from '../fixtures/stage.ts';

const SERVER = `
  require('http')
    .createServer((request, response) => response.end(process.env.GREETING + ' v' + process.env.RELEASE))
    .listen(process.env.PORT);
`;
const FILES = {
  'server.js': SERVER,
  'worker.js': 'setInterval(() => {}, 1000);',
  'migrate.js': `console.log('migrating');`,
  Procfile: 'release: node migrate.js\nweb: node server.js\nworker: node worker.js\n',
  'fleet.toml': '[env]\nGREETING = "hello"\n[services.worker]\nhealth = { stable = "300ms" }\n',
};
const on = stage(['web1', 'web2'], FILES);

/** What was printed, with what differs from run to run replaced. */
function shapeOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .replace(/#[0-9a-f]{6}/g, '#ID')
        .replace(/:2\d{4}/g, ':PORT')
        .replace(/\d+\.\d s|\d+\.\ds/g, 'TIME')
        .replace(/\b[0-9a-f]{7}\b/g, 'COMMIT')
        .replace(/web[12]#/g, 'webN#'),
    );
}

/** The ports of the instances of web, from `fleet status`. */
async function portsOfWeb(): Promise<number[]> {
  const { stdout } = await on.cli('status', '--json');
  const { services } = JSON.parse(stdout) as { services: { web: { instances: { port: number }[] } } };
  return services.web.instances.map(({ port }) => port);
}

async function answerOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.once('end', () => resolve(text));
    }).once('error', reject);
  });
}

const ended = ({ code, stdout }: Result) => [code, ...shapeOf(stdout)];

test('the two minutes: up, scale, a better one, a broken one, rollback', async () => {
  const planned = await on.cli('up', '--dry-run');
  assert.deepEqual(ended(planned), [
    0,
    'v1 webapp COMMIT change  by secret',
    'deploy    web1 web2            would deploy',
    'release   web1                 would run  node migrate.js',
    'web.1     web1                 would be started',
    'worker.1  web2                 would be started',
    'v1 would be live  web 1/1  worker 1/1',
  ]);
  const first = await on.cli('up');
  assert.deepEqual(ended(first), [0, 'v1 live  web 1/1  worker 1/1  TIME'], first.stderr);
  assert.deepEqual(shapeOf(first.stderr), [
    'v1 webapp COMMIT change  by secret',
    'deploy    web1 web2            2/2    TIME',
    'release   webN#ID          ok     TIME  node migrate.js',
    'web.1     webN#ID  :PORT  ready  TIME',
    'worker.1  webN#ID          up     TIME',
  ]);
  const [port = 0] = await portsOfWeb();
  assert.equal(await answerOf(port), 'hello v1');

  const same = await on.cli('up');
  assert.deepEqual(ended(same), [0, 'v1 is live already  web 1/1  worker 1/1']);

  assert.deepEqual(ended(await on.cli('up', '--dry-run')), ended(same));

  const more = await on.cli('scale', 'web=2', '--dry-run');
  assert.deepEqual(ended(more), [
    0,
    'web.2     web2                 would be started',
    'v1 would be scaled  web 2/2 (fleet.toml: 1)',
  ]);
  const none = await on.cli('down', '--rm', '--dry-run', '--json');
  const { steps } = JSON.parse(none.stdout) as { steps: { do: string; service: string }[] };
  assert.deepEqual(
    steps.map((step) => `${step.do} ${step.service}`),
    ['stop web', 'stop worker'],
  );
  const scaled = await on.cli('scale', 'web=3');
  assert.deepEqual(ended(scaled), [0, 'v1 scaled  web 3/3 (fleet.toml: 1)'], scaled.stderr);

  commit(on.app, { 'better.txt': 'Better' });
  const better = await on.cli('up');
  assert.deepEqual(ended(better), [0, 'v2 live  web 3/3  worker 1/1  TIME'], better.stderr);
  const ports = await portsOfWeb();
  assert.deepEqual(await Promise.all(ports.map(answerOf)), ['hello v2', 'hello v2', 'hello v2']);

  commit(on.app, { 'server.js': `require('./prices');` });
  const broken = await on.cli('up');
  assert.deepEqual(ended(broken), [
    1,
    'v3 failed  web.1 exited with code 1 after TIME; v2 serves on  web 3/3  worker 1/1',
  ]);
  assert.match(broken.stderr, /^web\.1 +web[12]#[0-9a-f]{6} +:\d+ +exited with code 1 after \d+\.\ds$/m);
  assert.match(broken.stderr, /^ {2}\[web[12]#[0-9a-f]{6}\] Error: Cannot find module '\.\/prices'$/m);
  assert.deepEqual(await portsOfWeb(), ports, 'what served goes on');

  const backwards = await on.cli('rollback', 'v1', '--dry-run');
  assert.deepEqual(ended(backwards), [
    0,
    'v4 webapp COMMIT change  by secret, v1 again, replaces v2 COMMIT',
    'web 3 (scaled; fleet.toml: 1)',
    ...[1, 2, 3].map((slot) => `web.${slot}     webN#ID  :PORT  would be replaced`),
    'worker.1  webN#ID          would be replaced',
    'v4 would be live  web 3/3  worker 1/1',
  ]);
  const back = await on.cli('rollback', 'v1');
  assert.deepEqual(ended(back), [0, 'v4 live  web 3/3  worker 1/1  TIME'], back.stderr);
  assert.equal(shapeOf(back.stderr)[0], 'v4 webapp COMMIT change  by secret, v1 again, replaces v2 COMMIT');
  assert.doesNotMatch(back.stderr, /^release /m);
  const releases = await on.cli('releases');
  assert.deepEqual(
    releases.stdout.match(/^v\d +\w+/gm)?.map((line) => line.replace(/ +/, ' ')),
    ['v4 live', 'v3 failed', 'v2 retired', 'v1 retired'],
  );
  const few = await Promise.all(['0', '1'].map((count) => on.cli('releases', '-n', count)));
  assert.deepEqual(
    few.map(({ stdout }) => stdout.slice(0, 2)),
    ['', 'v4'],
  );
});

test('the logs of a release are those of its command and its instances, also of those that were stopped', async () => {
  const lines = async (...words: string[]) => {
    const { code, stdout, stderr } = await on.cli('logs', '-n', 'all', ...words);
    assert.equal(code, 0, stderr);
    return stdout.replace(/^[[(]\w+#[0-9a-f]{6}[ \]]+/gm, '');
  };
  assert.match(await lines('--release=v1'), /^migrating$/m);
  const failed = await lines('--release=3');
  assert.match(failed, /Error: Cannot find module '\.\/prices'/);
  assert.match(failed, /^migrating$/m);
  assert.doesNotMatch(await lines('--release=v2'), /prices/);
  assert.match(await lines('--release=v3', '--service=web'), /prices/);
  assert.doesNotMatch(await lines('--release=v3', '--service=web'), /migrating/);
});

test('the environment comes with a release, and only its names are shown', async () => {
  const set = await on.cli('env', 'set', 'GREETING=good day', 'TOKEN=hush');
  assert.equal(set.code, 0, set.stderr);
  assert.match(set.stderr, /by secret, replaces v4 [0-9a-f]{7} {2}env: \+GREETING \+TOKEN$/m);
  const [port = 0] = await portsOfWeb();
  assert.equal(await answerOf(port), 'good day v5');
  const names = await on.cli('env', 'ls');
  assert.match(names.stdout, /^GREETING .*\nTOKEN /);
  assert.doesNotMatch(names.stdout, /hush|good day/);
  assert.equal((await on.cli('env', 'get', 'TOKEN')).stdout, 'hush\n');
  for (const command of [
    ['releases', '--json'],
    ['status', '--json'],
    ['ps', '--json'],
    ['audit', '--json'],
  ])
    assert.doesNotMatch((await on.cli(...command)).stdout, /hush/, command.join(' '));
  const again = await on.cli('env', 'set', 'GREETING=good day');
  assert.deepEqual(ended(again), [0, 'nothing changes: v5 has it already']);
  const unset = await on.cli('env', 'unset', 'GREETING', '--no-roll');
  assert.deepEqual(ended(unset), [0, 'stored; the next release has it']);
});

test('a mistake in fleet.toml is an error with its line, before anything happens', async () => {
  const before = await on.cli('releases', '--json');
  const toml = `${FILES['fleet.toml']}\n[services.web]\ncuont = 2\n`;
  writeFileSync(join(on.app, 'fleet.toml'), toml);
  commit(on.app, { 'fleet.toml': toml });
  const up = await on.cli('up');
  assert.equal(up.code, 1);
  const mistake = 'fleet: fleet.toml:7: services.web.cuont is not a key; did you mean count?\n';
  assert.equal(up.stderr, mistake);
  writeFileSync(join(on.app, 'fleet.toml'), FILES['fleet.toml']);
  const mended = 'fleet.toml has changes that are not committed: git add fleet.toml && git commit\n';
  assert.equal((await on.cli('up')).stderr, mended + mistake);
  assert.equal((await on.cli('up', '--commit=HEAD')).stderr, mended + mistake);
  writeFileSync(join(on.app, 'fleet.toml'), toml);
  assert.equal((await on.cli('releases', '--json')).stdout, before.stdout);
});

test('what is not there is refused in one line that names what to do, and nothing happens', async () => {
  const before = (await on.cli('releases')).stdout;
  const table: [string[], number, string][] = [
    [['env', 'unset', 'NOPE'], 1, 'fleet: NOPE is not set; fleet env ls shows what is'],
    [['up', '--only=test'], 2, 'fleet: --only=test is not a part of a release; write --only=build'],
    [
      ['up', '--as=a b'],
      2,
      `fleet: 'a b' cannot name a stage: letters, digits, '.', '_' and '-' only, 40 at most`,
    ],
    [
      ['status', '--repo=../x'],
      2,
      `fleet: '../x' cannot name a repository: letters, digits, '.', '_' and '-' only`,
    ],
    [['scale', 'wbe=2'], 1, 'fleet: webapp has no service wbe; did you mean web?'],
    [['ps', '--service=wbe'], 1, 'fleet: webapp has no service wbe; did you mean web?'],
    [['logs', '--service=wbe'], 1, 'fleet: webapp has no service wbe; did you mean web?'],
    [['logs', '--release=v99'], 1, 'fleet: there is no v99 of webapp; see: fleet releases'],
    [
      ['logs', '--release=old'],
      2,
      "fleet: 'old' is not a release; write one as v41: fleet releases shows them",
    ],
    [
      ['ps', '--as=pr-9'],
      1,
      'fleet: there is no app webapp@pr-9 yet; fleet up releases it (there are: webapp)',
    ],
    [['endpoints', 'wbe'], 1, 'fleet: no service called wbe gets requests; did you mean web?'],
    [
      ['status', '--as=pr-9'],
      1,
      'fleet: there is no app webapp@pr-9 yet; fleet up releases it (there are: webapp)',
    ],
    [['token', 'rm', 'nosuch'], 1, "fleet: there is no token 'nosuch'; there are: none"],
    [['promote'], 1, 'fleet: no canary of webapp waits; fleet up --canary'],
    [['up', '--attach'], 1, 'fleet: no release is under way; see: fleet releases'],
    [['rollback', 'v99'], 1, 'fleet: there is no v99 of webapp; see: fleet releases'],
  ];
  for (const [words, code, line] of table)
    assert.deepEqual(await on.cli(...words), { code, signal: null, stdout: '', stderr: `${line}\n` });
  assert.equal((await on.cli('releases')).stdout, before);
});

test('down stops all of an app, and up brings it back', async () => {
  commit(on.app, FILES);
  await on.cli('deploy');
  const spawned = await on.cli('spawn', '--', 'node', 'worker.js');
  const down = await on.cli('down');
  assert.deepEqual(ended(down), [0, 'v5 stopped'], down.stderr);
  const status = await on.cli('status');
  assert.equal(status.code, 1);
  const { stdout } = await on.cli('ps', '--json');
  const id = /#([0-9a-f]{6})/.exec(spawned.stdout)?.[1] ?? '';
  assert.deepEqual(
    [...new Set(stdout.match(/"[0-9a-f]{6}": \{/g))],
    [`"${id}": {`],
    'what was spawned by hand runs on',
  );
  const up = await on.cli('up');
  assert.equal(up.code, 0, up.stderr);
});

test('down --rm leaves nothing of an app but its shared files, and nothing of another one is touched', async () => {
  const stage = await on.cli('up', '--as=pr-1');
  assert.equal(stage.code, 0, stage.stderr);
  const { stdout: before } = await on.cli('status', '--json');
  const checkouts = () =>
    ['web1', 'web2'].flatMap((name) =>
      readdirSync(join(on.fleet.dir, name, 'deploy')).filter((one) => one.startsWith('webapp@pr-1.')),
    );
  assert.equal(checkouts().length, 2);
  const detached = await on.cli('down', '--as=pr-1', '--rm', '--detach');
  assert.equal(detached.code, 2);
  const down = await on.cli('down', '--as=pr-1', '--rm');
  assert.deepEqual(
    [down.code, down.stdout],
    [0, 'webapp@pr-1 is stopped and forgotten; its shared files are still on the drones\n'],
    down.stderr,
  );
  assert.deepEqual(checkouts(), []);
  assert.match((await on.cli('status', '--as=pr-1')).stderr, /^fleet: there is no app webapp@pr-1 yet;/);
  const ids = (text: string) => text.match(/"id": "[0-9a-f]{6}"/g);
  assert.deepEqual(ids((await on.cli('status', '--json')).stdout), ids(before));
  const again = await on.cli('up', '--as=pr-1');
  assert.match(again.stdout, /^v1 live /);
  assert.equal((await on.cli('down', '--as=pr-1', '--rm')).code, 0);
});

test('an instance belongs to its app: it is shown by service, and a stop by hand leaves it alone', async () => {
  const { stdout } = await on.cli('ps', '--json', '--service=web');
  const drones = Object.values(JSON.parse(stdout) as Record<string, { processes: Record<string, object> }>);
  const [[id, shown] = []] = drones.flatMap(({ processes }) => Object.entries(processes));
  assert.ok(id !== undefined, stdout);
  assert.deepEqual(
    Object.entries(shown ?? {}).filter(([key]) => ['app', 'service'].includes(key)),
    [
      ['app', 'webapp'],
      ['service', 'web'],
    ],
  );
  assert.match((await on.cli('ps', '--service=web')).stdout, /service: {2}web\.1 v\d+ :2\d{4} ready$/m);
  const byId = await on.cli('stop', id);
  assert.equal(byId.code, 1);
  assert.match(
    byId.stderr,
    /^fleet: [0-9a-f]{6} is web\.\d of webapp, which would start another; .* --force stops/m,
  );
  const all = await on.cli('stop', '--all');
  assert.equal(all.code, 0, all.stderr);
  assert.doesNotMatch(all.stdout, new RegExp(id));
  assert.match(all.stderr, /^left alone: \d of webapp; fleet down stops them$/m);
  const inPlace = await on.cli('restart', id);
  assert.equal(inPlace.code, 0, inPlace.stderr);
  assert.match(inPlace.stdout, new RegExp(`restarted .*${id}`));
  const unknown = await on.cli('restart', '--service=wbe');
  assert.equal(unknown.stderr, 'fleet: webapp has no service wbe; did you mean web?\n');
  const before = await idsOfAll();
  const restarted = await on.cli('restart', '--service=web');
  assert.equal(restarted.code, 0, restarted.stderr);
  assert.match(restarted.stdout, /^v\d+ live {2}web 3\/3 {2}worker 1\/1 /);
  assert.match(restarted.stderr, /^worker is not restarted$/m);
  const after = await idsOfAll();
  assert.deepEqual(after.worker, before.worker);
  assert.deepEqual(
    after.web.filter((one) => before.web.includes(one)),
    [],
    'each was replaced',
  );
});

/** The ids of the instances of both services. */
async function idsOfAll(): Promise<{ web: string[]; worker: string[] }> {
  const { stdout } = await on.cli('status', '--json');
  const { services } = JSON.parse(stdout) as {
    services: Record<'web' | 'worker', { instances: { id: string }[] }>;
  };
  const idsOf = (name: 'web' | 'worker') => services[name].instances.map((one) => one.id);
  return { web: idsOf('web'), worker: idsOf('worker') };
}
