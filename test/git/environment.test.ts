import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetEnvironment, userEnvironment } from '../../src/git/environment.ts';

/** What a user, a hook, a service manager and fleet itself may have set. */
const AROUND = {
  PATH: '/bin',
  TMPDIR: '/t',
  LD_LIBRARY_PATH: '/l',
  HOME: '/home/me',
  XDG_CONFIG_HOME: '/home/me/.config',
  LANG: 'de_DE.UTF-8',
  HTTPS_PROXY: 'http://proxy',
  EDITOR: 'vi',
  GIT_DIR: '/other/.git',
  GIT_INDEX_FILE: '/other/.git/index',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_GLOBAL: '/home/me/gitconfig',
  GIT_CONFIG_PARAMETERS: "'a.b'='c'",
  FLEET_SECRET: 's3cret',
  FLEET_HUB: 'hub:7000',
  NODE_OPTIONS: '',
};

test("fleet's own git gets from its environment where to find programs and libraries, and nothing else", () => {
  const home = mkdtempSync(join(tmpdir(), 'fleet-git-home-'));
  try {
    assert.deepEqual(fleetEnvironment(home, { MORE: '1' }, AROUND), {
      PATH: '/bin',
      TMPDIR: '/t',
      LD_LIBRARY_PATH: '/l',
      LC_ALL: 'C',
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_ALLOW_PROTOCOL: 'http:https',
      GIT_TERMINAL_PROMPT: '0',
      MORE: '1',
    });
  } finally {
    rmSync(home, { recursive: true });
  }
});

test('its configuration is restored if somebody changes it, or removes its directory', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-git-home-'));
  const file = join(dir, 'home/.gitconfig');
  try {
    fleetEnvironment(join(dir, 'home'));
    const configuration = readFileSync(file, 'utf8');
    writeFileSync(file, '[core]\n\tautocrlf = true\n');
    fleetEnvironment(join(dir, 'home'));
    assert.equal(readFileSync(file, 'utf8'), configuration);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("the user's git keeps their environment, except what names another repository, prompts, or is fleet's", () => {
  assert.deepEqual(userEnvironment('/home/me/app', AROUND), {
    PATH: '/bin',
    TMPDIR: '/t',
    LD_LIBRARY_PATH: '/l',
    HOME: '/home/me',
    XDG_CONFIG_HOME: '/home/me/.config',
    LANG: 'de_DE.UTF-8',
    HTTPS_PROXY: 'http://proxy',
    NODE_OPTIONS: '',
    GIT_CONFIG_GLOBAL: '/home/me/gitconfig',
    GIT_CEILING_DIRECTORIES: '/home/me',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  });
});
