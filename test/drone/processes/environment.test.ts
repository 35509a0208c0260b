import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { gitMark, processEnvironment } from '../../../src/drone/processes/environment.ts';

const spec = { id: '1e99f4', repo: 'webapp', commit: 'c'.repeat(40), env: { PORT: '8080' } };
const around = { drone: 'web1', mark: 'mark', cwd: '/srv' };

test('a process knows where it runs, and gets the variables that it was given', () => {
  assert.deepEqual(processEnvironment(spec, around, { PATH: '/bin', PORT: '1', HOME: '/home/app' }), {
    PATH: '/bin',
    HOME: '/home/app',
    PWD: '/srv',
    PORT: '8080',
    REPO: 'webapp',
    COMMIT: 'c'.repeat(40),
    DRONE_ID: 'web1',
    PROCESS_ID: '1e99f4',
    FLEET_RUN: 'mark.1e99f4',
  });
});

test("without a HOME, as in a service without a user, a process has that of the drone's user", () => {
  assert.equal(processEnvironment(spec, around, {})['HOME'], homedir());
  assert.equal(processEnvironment({ ...spec, env: { HOME: '/mine' } }, around, {})['HOME'], '/mine');
});

test("neither fleet's own variables nor what a service manager tells the drone are passed on", () => {
  const own = {
    FLEET_SECRET: 'beepboop',
    FLEET_HUB: 'hub:7000',
    NOTIFY_SOCKET: '/run/notify',
    LISTEN_FDS: '1',
    INVOCATION_ID: 'x',
    JOURNAL_STREAM: '8:1',
    WATCHDOG_USEC: '1',
  };
  const environment = processEnvironment(spec, around, own);
  for (const name of Object.keys(own)) assert.ok(!(name in environment), name);
});

test('what binds a git to one repository is passed on only if it was given, and all else of git is', () => {
  const bound = execFileSync('git', ['rev-parse', '--local-env-vars'], { encoding: 'utf8' }).split('\n');
  const names = [...bound.filter((name) => name && name !== 'GIT_CONFIG_COUNT'), 'GIT_QUARANTINE_PATH'];
  assert.ok(names.includes('GIT_DIR') && names.includes('GIT_INDEX_FILE'));
  const own = Object.fromEntries(names.map((name) => [name, '/elsewhere']));
  const users = {
    GIT_AUTHOR_NAME: 'a',
    GIT_SSH_COMMAND: 'ssh -4',
    GIT_CONFIG_COUNT: '0',
    GIT_CONFIG_GLOBAL: '/etc/git',
  };
  const kept = processEnvironment({ ...spec, env: { GIT_DIR: '/given' } }, around, { ...own, ...users });
  const ofGit = Object.entries(kept).filter(([name]) => name.startsWith('GIT_'));
  assert.deepEqual(Object.fromEntries(ofGit), { ...users, GIT_DIR: '/given' });
});

test("no process can pose as another: fleet's own variables win over the given ones", () => {
  const env = { PROCESS_ID: 'forged', DRONE_ID: 'forged', REPO: 'forged', FLEET_RUN: 'forged' };
  const environment = processEnvironment({ ...spec, env }, around, {});
  assert.ok(!Object.values(environment).includes('forged'));
});

test('git processes of the drone are marked as such, and with their process', () => {
  assert.deepEqual(gitMark('mark'), { FLEET_RUN: `mark.git-${process.pid}` });
});
