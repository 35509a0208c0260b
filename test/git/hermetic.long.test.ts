import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOSTILE, Hostility } from '../fixtures/hostile-git.ts';
import { commit, eventually, git, headOf, initRepository } from '../fixtures/local-fleet.ts';
import { RealFleet, SECRET } from '../fixtures/real-fleet.ts';
import { assertGave } from '../fixtures/stage.ts';

/** What is committed: attributes that every clone honours, filters that only some machines know, hooks, a submodule. */
const COMMITTED: Record<string, string> = {
  '.gitattributes': 'eol.txt text eol=crlf\nid.txt ident\n*.bin filter=evil\n*.png filter=lfs\n',
  '.gitmodules': '[submodule "lib"]\n\tpath = lib\n\turl = ./nowhere\n',
  '.lfsconfig': '[lfs]\n\turl = http://127.0.0.1:9\n',
  'lf.txt': 'one\ntwo\n',
  'crlf.txt': 'one\r\ntwo\r\n',
  'eol.txt': 'one\ntwo\n',
  'id.txt': '$Id$\n',
  'no-id.txt': '$Id$\n',
  'raw.bin': 'raw\n',
  'logo.png': 'version https://git-lfs.github.com/spec/v1\n',
};

/** What a clone by somebody who has set up nothing has of it. */
const CHECKED_OUT: Record<string, string> = {
  ...COMMITTED,
  'eol.txt': 'one\r\ntwo\r\n',
  'id.txt': '$Id: 055c8729cdcc372500a08db659c045e16c4409fb $\n',
  'run.sh': 'executable',
  link: '-> lf.txt',
};

const LEFT_OUT =
  'lib is a submodule; its files are not in what is deployed\n' +
  'logo.png is a Git LFS pointer; its file is not in what is deployed\n';

/** The files of a checkout: what they hold, where a link points, and which can be run. */
function filesIn(dir: string): Record<string, string> {
  const names = readdirSync(dir).filter(
    (name) => name !== '.git' && !lstatSync(join(dir, name)).isDirectory(),
  );
  return Object.fromEntries(
    names.map((name) => {
      const path = join(dir, name);
      const { mode } = lstatSync(path);
      if (lstatSync(path).isSymbolicLink()) return [name, `-> ${readlinkSync(path)}`];
      return [name, mode & 0o111 ? 'executable' : readFileSync(path, 'utf8')];
    }),
  );
}

/** A fleet each of whose commands runs among hostile settings. */
class HostileFleet extends RealFleet {
  readonly hostility = new Hostility(join(this.dir, 'hostile'));

  constructor() {
    super('all');
  }

  override get env(): NodeJS.ProcessEnv {
    const { home, variables } = this.hostility;
    const { PATH } = process.env;
    return { ...variables, PATH, HOME: home, XDG_CONFIG_HOME: join(home, '.config') };
  }

  /** A checkout with all that is in COMMITTED, in two commits, and with a tag that a deploy must not take along. */
  async prepareApp(): Promise<{ app: string; commits: [string, string] }> {
    const app = join(this.dir, 'apps/webapp');
    initRepository(app);
    this.hostility.write(join(app, 'run.sh'), '#!/bin/sh\n', 0o755);
    this.hostility.writeHooks(join(app, '.githooks'));
    symlinkSync('lf.txt', join(app, 'link'));
    mkdirSync(join(app, 'lib'));
    git(app, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},lib`);
    const first = commit(app, COMMITTED);
    git(app, 'tag', '-a', 'v1', '-m', 'one');
    git(app, 'commit', '-q', '--allow-empty', '-m', 'second');
    return { app, commits: [first, headOf(app)] };
  }
}

/** Goes all the ways of a commit, past what `prepare` has set up, and looks whether any of it showed. */
async function walk(prepare: (fleet: HostileFleet, app: string) => void): Promise<void> {
  const fleet = new HostileFleet();
  const { hostility } = fleet;
  try {
    const { app, commits } = await fleet.prepareApp();
    const clean = (dir: string, ...args: string[]) => git(dir, '-c', 'commit.gpgSign=false', ...args);
    prepare(fleet, app);
    await fleet.hub();
    await fleet.drone('web1');
    const checkout = (drone: string, hash: string) => join(fleet.dir, drone, 'deploy', `webapp.${hash}`);
    const hub = [`--hub=${fleet.address}`, `--secret=${SECRET}`];
    for (const hash of commits) {
      writeFileSync(join(app, '.git/refs/heads/main'), `${hash}\n`);
      const result = await fleet.runBinary(['deploy', '--commit=HEAD', ...hub], { cwd: app });
      assertGave(result, 0, `deployed webapp/${hash}\n`, LEFT_OUT);
      assert.deepEqual(filesIn(checkout('web1', hash)), CHECKED_OUT);
      hostility.putFiles({ HUB: join(fleet.dir, 'hub'), DRONE: join(fleet.dir, 'web1') });
    }
    const url = `http://git:${SECRET}@127.0.0.1:${fleet.gport}/webapp.git`;
    assert.match(
      clean(fleet.dir, 'ls-remote', url),
      /^\w+\tHEAD\n\w+\trefs\/heads\/deployed$/,
      'no tag was taken along',
    );

    await fleet.drone('web2');
    await eventually(() => existsSync(checkout('web2', commits[1])), 'a drone that comes late catches up');
    assert.deepEqual(filesIn(checkout('web2', commits[1])), CHECKED_OUT);

    const clone = join(fleet.dir, 'clone');
    clean(fleet.dir, 'clone', '-q', url, clone);
    assert.deepEqual(filesIn(clone), CHECKED_OUT);
    clean(clone, 'commit', '-q', '--allow-empty', '-m', 'by hand');
    clean(clone, 'tag', '-a', 'v2', '-m', 'two');
    clean(clone, 'push', '-q', url, 'HEAD:refs/heads/main', 'v2');
    await eventually(() => existsSync(checkout('web1', headOf(clone))), 'a push by hand is deployed');

    const witness = existsSync(hostility.witness) ? readFileSync(hostility.witness, 'utf8') : '';
    assert.equal(witness, '', 'nothing hostile was run');
    // Beside what Node has compiled.
    const cached = readdirSync(join(hostility.home, '.cache/fleet')).filter((name) => !/^v\d/.test(name));
    assert.deepEqual(cached, [], 'a push leaves nothing behind');
  } finally {
    await fleet.end();
  }
}

test("variables, the app's own settings and hooks, and files beside them change nothing", () =>
  walk(({ hostility }, app) => {
    hostility.setVariables();
    hostility.configure(join(app, '.git/config'));
    hostility.putFiles({ HOME: hostility.home, APP: app });
  }));

test("the user's and the system's configuration change nothing", () =>
  walk(({ hostility }) => {
    const system = join(hostility.home, 'system');
    hostility.variables['GIT_CONFIG_SYSTEM'] = system;
    hostility.configure(
      join(hostility.home, '.gitconfig'),
      join(hostility.home, '.config/git/config'),
      system,
    );
  }));

test('configuration that git cannot read changes nothing', () =>
  walk(({ hostility }, app) => {
    const paths = ['.gitconfig', '.config/git/config', 'global', 'system'].map((name) =>
      join(hostility.home, name),
    );
    for (const path of [...paths, join(app, '.git/config')]) hostility.write(path, '[broken\n');
    hostility.variables['GIT_CONFIG_GLOBAL'] = join(hostility.home, 'global');
    hostility.variables['GIT_CONFIG_SYSTEM'] = join(hostility.home, 'system');
    hostility.variables['GIT_CONFIG_PARAMETERS'] = 'broken';
    hostility.variables['GIT_CONFIG_COUNT'] = 'broken';
  }));

test('there are more than a hundred and twenty hostile settings, and no two are the same', () => {
  const names = HOSTILE.map(({ source, name }) => `${source} ${name}`);
  assert.ok(names.length >= 120);
  assert.equal(new Set(names).size, names.length);
});
