import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { assertFailed, stage } from '../fixtures/stage.ts';
import { noTerminal, Terminal } from '../fixtures/terminal.ts';

const TOML = `
[deploy]
build = "echo built > made"
shared = ["config/local.json"]
[env]
COLOUR = "red"
[services.main]
command = "sleep 308"
health = { stable = "1ms" }
[services.worker]
command = "sleep 309"
health = { stable = "1ms" }
env = { COLOUR = "blue" }
`;

const on = stage(['web1', 'web2'], { 'fleet.toml': TOML });
const run = (...args: string[]) => on.cli('run', ...args);
const shell = (line: string) => ['--', 'sh', '-c', line];

test('run needs no live release on a named drone: it is how a shared file gets there', async () => {
  await on.cli('env', 'set', 'TOKEN=s3cret');
  assert.equal((await on.cli('up')).code, 1, 'a shared file is missing');
  for (const drone of ['web1', 'web2']) {
    const put = shell('cat > "$SHARED/config/local.json"; echo "$COLOUR $TOKEN"');
    const result = await on.fleet.run(['run', `--drone=${drone}`, ...put], {
      cwd: on.app,
      stdin: '{"a":1}\n',
    });
    assert.match(result.stderr, new RegExp(`\\(${drone}#[0-9a-f]{6}\\)\\n$`));
    assert.equal(result.stdout, 'red s3cret\n');
    assert.equal(
      readFileSync(join(on.fleet.dir, drone, 'shared/webapp/config/local.json'), 'utf8'),
      '{"a":1}\n',
    );
  }
  assert.match((await on.cli('up')).stdout, /^v\d+ live /);
});

test('run has the environment and the checkout of the live release, both streams apart, and the status', async () => {
  const all =
    'echo "$APP $RELEASE $COLOUR $TOKEN $(printenv PORT || echo none) $(cat made config/local.json)"; echo err >&2; exit 7';
  const { code, stdout, stderr } = await run(...shell(all));
  assert.match(stdout, /^webapp \d+ red s3cret none built\n\{"a":1\}\n$/);
  assert.match(stderr, /^\(web[12]#[0-9a-f]{6}\)\nerr\n$/);
  assert.equal(code, 7);
  assert.equal((await run('--service=worker', ...shell('echo $COLOUR $SERVICE'))).stdout, 'blue worker\n');
  assert.equal((await run(...shell('kill -9 $$'))).code, 137);
  assertFailed(
    await run('--service=nope', '--', 'true'),
    1,
    'fleet: webapp has no service nope; there are: main, worker',
  );
  assertFailed(
    await run('--drone=*', '--', 'true'),
    2,
    'fleet: run is for a single drone; these are: web1, web2',
  );
  const other = commit(on.app, { 'fleet.toml': TOML.replace('"red"', '"green"') });
  const green = await run('--commit=HEAD', ...shell('echo $COLOUR $COMMIT'));
  assert.equal(green.stdout, `green ${other}\n`, green.stderr);
});

test('exec and spawn have nothing of that, but with --app-env', async () => {
  const line = shell('echo "$COLOUR $TOKEN"');
  const plain = await on.cli('exec', '--raw', '--drone=web1', ...line);
  assert.equal(plain.stdout, ' \n');
  const given = await on.cli('exec', '--raw', '--app-env', '--drone=web1', ...line);
  assert.equal(given.stdout, 'green s3cret\n');
  const spawned = await on.cli(
    'spawn',
    '--app-env',
    '--drone=web1',
    ...shell('echo "$COLOUR $TOKEN"; sleep 303'),
  );
  const [, id = ''] = /#([0-9a-f]{6})/.exec(spawned.stdout) ?? [];
  const printed = async () => (await on.cli('logs', id)).stdout.includes('green s3cret');
  await eventually(printed, 'it has the environment');
  const { stdout: token } = await on.cli('token', 'create', 'ci', '--can=deploy');
  const refused = await on.cli('spawn', `--secret=${token.trim()}`, '--app-env', '--', 'true');
  assertFailed(refused, 1, /the token 'ci' lacks the right 'exec'/);
});

test('the audit trail has the command of a run and its end, and no value of the environment', async () => {
  const { stdout } = await on.cli('audit', '--json');
  assert.match(stdout, /"call":"app.run"/);
  assert.match(stdout, /exited with code 7/);
  assert.doesNotMatch(stdout, /s3cret/);
});

test('on a terminal, run gives the command one; -T does not', { skip: noTerminal }, async () => {
  const terminal = new Terminal(on.fleet, ['run', ...shell('tty; stty size')], on.app);
  assert.match((await terminal.ended).stdout, /^\(web[12]#[0-9a-f]{6}\)\r\n\/dev\/pts\/\d+\r\n24 80\r\n$/);
  const none = new Terminal(on.fleet, ['run', '-T', ...shell('tty')], on.app);
  none.type('\x04');
  assert.match((await none.ended).stdout, /not a tty/);
});
