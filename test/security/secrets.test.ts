import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withFleet } from '../fixtures/real-fleet.ts';

/** Not short, so that it is found where it is, and nowhere by chance. */
const SECRET = 'Tr0ub4dor-and-3-horses';

/** Command lines of all processes of this machine. */
function commandLines(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
    } catch {
      return []; // It has ended.
    }
  });
}

/** Files below `dir` that hold this text. */
function filesWith(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) => {
    try {
      return readFileSync(join(dir, file)).includes(text);
    } catch {
      return false; // A directory.
    }
  });
}

/** A git, before the real one on the PATH, that notes the arguments and the environment that it is called with. */
function noteGit(dir: string): { path: string; calls: () => string; environments: () => string } {
  const bin = join(dir, 'bin');
  const [calls, environments] = [join(dir, 'git-calls'), join(dir, 'git-environments')];
  mkdirSync(bin);
  const notes = `echo "$*" >> ${calls}\nenv >> ${environments}`;
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${notes}\nPATH=\${PATH#*:} exec git "$@"\n`, { mode: 0o755 });
  const read = (path: string) => () => readFileSync(path, 'utf8');
  return { path: `${bin}:${process.env['PATH']}`, calls: read(calls), environments: read(environments) };
}

test(
  "the secret is in no command line, no file of git or of a drone, no log, no error, and no process's environment",
  withFleet('all', async (fleet) => {
    const { path, calls, environments } = noteGit(fleet.dir);
    // With DEBUG, packages that fleet is made of print what they are given.
    const env = { PATH: path, DEBUG: '*', FLEET_SECRET: SECRET };
    const [hubDir, droneDir] = [join(fleet.dir, 'hub'), join(fleet.dir, 'web1')];
    for (const dir of [hubDir, droneDir]) mkdirSync(dir);
    fleet.droneDirs.add(droneDir);
    const ports = ['--host=127.0.0.1', '--port=0', '--gport=0'];
    const hub = fleet.start(['hub', ...ports, '--secret', SECRET], { cwd: hubDir, env });
    const [, port] = await hub.printed(/control service listening on :(\d+)/);
    await hub.printed(/git service listening/);
    const target = [`--hub=127.0.0.1:${port}`, `--secret=${SECRET}`];
    const drone = fleet.start(['drone', ...target, '--name=web1'], { cwd: droneDir, env });
    await drone.printed(/connected to the hub/);
    for (const line of commandLines()) assert.ok(!line.includes(SECRET), `a daemon shows it: ${line}`);

    const app = await fleet.app('webapp', { 'a.txt': 'a' });
    assert.equal((await fleet.runBinary(['remote', 'add', 'default', ...target], { cwd: app })).code, 0);
    const deployed = await fleet.runBinary(['deploy'], { cwd: app, env });
    assert.equal(deployed.code, 0, deployed.stderr);
    assert.match(calls(), /push.*refs\/fleet/);
    assert.match(calls(), /fetch.*refs\/fleet/);
    assert.match(calls(), /(^| )receive-pack /m);
    assert.deepEqual(
      environments().match(/^FLEET_(?!RUN=).*$/gm),
      null,
      "git is told nothing of fleet's own",
    );
    assert.ok(!environments().includes(SECRET));
    const exec = fleet.start(['exec', ...target, '--', 'sh', '-c', 'echo up; sleep 100'], { cwd: app, env });
    await exec.printed(/up/);
    for (const line of commandLines()) assert.ok(!line.includes(SECRET), `a client shows it: ${line}`);
    const spawned = await fleet.runBinary(
      ['spawn', '--', 'sh', '-c', 'env; cat /proc/$PPID/cmdline; sleep 100'],
      {
        cwd: app,
      },
    );
    assert.equal(spawned.code, 0, spawned.stderr);
    const wrong = await fleet.runBinary(['ps', `--hub=127.0.0.1:${port}`, `--secret=${SECRET}x`], {
      env: { FLEET_DEBUG: '1' },
    });
    assert.equal(wrong.code, 1);

    const encoded = Buffer.from(`git:${SECRET}`).toString('base64');
    for (const text of [SECRET, encoded]) {
      assert.ok(!calls().includes(text), 'git was told it as an argument');
      const said = [hub, drone, deployed, spawned, wrong]
        .map(({ stdout, stderr }) => stdout + stderr)
        .join('');
      assert.ok(!said.includes(text), 'somebody said it');
      for (const dir of [droneDir, hubDir, join(app, '.git')])
        assert.deepEqual(filesWith(dir, text), [], dir);
    }
    assert.deepEqual(filesWith(app, SECRET), ['fleet.json'], 'where the user put it, and only there');
    const id = /#([0-9a-f]{6})\)/.exec(spawned.stdout)?.[1] ?? '';
    const logs = await fleet.runBinary(['logs', id, ...target]);
    assert.match(logs.stdout, /PROCESS_ID=/);
    assert.ok(!logs.stdout.includes(SECRET));
  }),
);
