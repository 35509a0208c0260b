import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './command.mjs';
import { plainEnvironment } from './fleet.mjs';

const IDENTITY = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', '-c', 'gc.auto=0'];

/** Runs git in a directory and returns its output. */
export async function git(cwd, ...args) {
  return (await run(['git', ...IDENTITY, ...args], { cwd, env: plainEnvironment() })).stdout.trim();
}

/** Creates a git repository with `files` files of `bytes` bytes each, in one commit. */
export async function makeRepository(dir, { files, bytes }) {
  mkdirSync(dir, { recursive: true });
  await git(dir, 'init', '-q', '-b', 'main');
  for (let at = 0; at < files; at++) {
    const path = join(dir, `src/${Math.floor(at / 100)}/file${at}.txt`);
    if (at % 100 === 0) mkdirSync(dirname(path), { recursive: true });
    // Half of it is random, because text compresses to about a half.
    writeFileSync(
      path,
      randomBytes(Math.ceil(bytes / 4))
        .toString('hex')
        .slice(0, bytes / 2)
        .padEnd(bytes, 'x\n'),
    );
  }
  await commitChange(dir);
}

let change = 0;

/** Commits a change of one file, and returns the commit. */
export async function commitChange(dir) {
  writeFileSync(join(dir, 'change.txt'), `${++change}\n`);
  await git(dir, 'add', '-A');
  await git(dir, 'commit', '-q', '-m', `change ${change}`);
  return git(dir, 'rev-parse', 'HEAD');
}

/** Creates a small repository and deploys it to a fleet; returns its directory and release. */
export async function deployedApp(stage, fleet) {
  const dir = `${stage.dir}/app`;
  if (!existsSync(dir)) await makeRepository(dir, { files: 20, bytes: 1000 });
  await fleet.run(['deploy'], dir);
  return { dir, release: { dir, repo: 'app', commit: await git(dir, 'rev-parse', 'HEAD') } };
}

/** Creates a small repository of an app with one instance, and releases it to a fleet; returns its directory. */
export async function releasedApp(stage, fleet) {
  const dir = `${stage.dir}/released`;
  await makeRepository(dir, { files: 20, bytes: 1000 });
  writeFileSync(join(dir, 'fleet.toml'), '[services.worker]\ncommand = "sleep 1000"\n');
  await commitChange(dir);
  await fleet.run(['up'], dir);
  return { dir };
}
