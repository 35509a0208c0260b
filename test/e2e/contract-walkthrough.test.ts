import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit, git, headOf } from '../fixtures/local-fleet.ts';
import { type RealFleet, withFleet } from '../fixtures/real-fleet.ts';
import { assertGave } from '../fixtures/stage.ts';

const SERVER = (text: string) => `
const http = require('http');
const server = http.createServer((_, res) => res.end('${text} on ' + process.env.DRONE_ID));
server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
`;

/** A port that is free together with the one after it. */
async function twoFreePorts(): Promise<number> {
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer().once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        server.close(() => resolve(port));
      });
    });
  for (;;) {
    const port = await listen(0);
    const next = await listen(port + 1).catch(() => null);
    if (next !== null) return port;
  }
}

function directory(fleet: RealFleet, name: string): string {
  const dir = join(fleet.dir, name);
  mkdirSync(dir, { recursive: true });
  return dir;
}

test(
  'the walk-through: hub, drones, remote add, deploy, spawn, ps, a new commit beside the old one, stop',
  withFleet('all', async (fleet) => {
    const port = await twoFreePorts();
    const hub = fleet.start(['hub', `--port=${port}`, '--secret=beepboop', '--host=127.0.0.1'], {
      cwd: directory(fleet, 'hub'),
    });
    await hub.printed(/git service/);
    assert.equal(
      hub.stdout,
      `control service listening on :${port}\ngit service listening on :${port + 1}\n`,
    );

    const startDrone = (name: string) => {
      const cwd = directory(fleet, name);
      fleet.droneDirs.add(cwd);
      return fleet.start(['drone', `--hub=127.0.0.1:${port}`, '--secret', 'beepboop', '--name', name], {
        cwd,
      });
    };
    const [web1, web2] = [startDrone('web1'), startDrone('web2')];
    await Promise.all([web1.printed(/hub\n/), web2.printed(/hub\n/)]);
    assert.equal(web1.stdout, 'connected to the hub\n');

    const app = directory(fleet, 'webapp');
    git(app, 'init', '-q', '-b', 'main');
    const first = commit(app, { 'server.js': SERVER('v1') });
    const cli = (...args: string[]) => fleet.runBinary(args, { cwd: app });
    const hubFlags = [`--hub=127.0.0.1:${port}`, '--secret=beepboop'];
    const ignored = 'git ignores fleet.json from now on: /fleet.json is in .git/info/exclude\n';
    assertGave(await cli('remote', 'add', 'default', ...hubFlags), 0, '', ignored);
    const written = readFileSync(join(app, 'fleet.json'), 'utf8');
    assert.deepEqual(JSON.parse(written), {
      remote: { default: { hub: `127.0.0.1:${port}`, secret: 'beepboop' } },
    });
    assert.equal(statSync(join(app, 'fleet.json')).mode & 0o777, 0o600);

    assertGave(await cli('deploy'), 0, `deployed webapp/${first}\n`);
    for (const drone of ['web1', 'web2']) {
      const text = readFileSync(join(fleet.dir, drone, 'deploy', `webapp.${first}`, 'server.js'), 'utf8');
      assert.equal(text, SERVER('v1'));
    }

    const spawned = await cli('spawn', '--drone=web1', '--', 'node', 'server.js', '8080');
    const [, a = ''] = /^\(spawned web1#([0-9a-f]{6})\)\n$/.exec(spawned.stdout) ?? [];
    assertGave(spawned, 0, `(spawned web1#${a})\n`);
    const b = await fleet.spawn(app, 'web1', 'node', 'server.js', '8081');
    const [, firstPort] = await web1.printed(new RegExp(`^\\[${a}#webapp.${first}\\] port (\\d+)$`, 'm'));
    await web1.printed(new RegExp(`^\\[${b}#webapp.${first}\\] port (\\d+)$`, 'm'));
    const ask = async (at: string | undefined) => (await fetch(`http://127.0.0.1:${at}/`)).text();
    assert.equal(await ask(firstPort), 'v1 on web1');

    const leaf = (id: string, lines: string[]) => `${lines[0]} pid#${id}
${lines[1]} ├── status:   running
${lines[1]} ├── commit:   webapp/${first}
${lines[1]} └── command:  node server.js ${id === a ? 8080 : 8081}
`;
    const tree = (x: string, y: string) =>
      `drone#web1\n${leaf(x, ['├─┬', '│'])}${leaf(y, ['└─┬', ' '])}drone#web2\n`;
    const ps = await cli('ps');
    assertGave(ps, 0, tree(a, b));

    const second = commit(app, { 'server.js': SERVER('v2') });
    assertGave(await cli('deploy'), 0, `deployed webapp/${second}\n`);
    assert.ok(
      existsSync(join(fleet.dir, 'web1/deploy', `webapp.${first}`)),
      'the old directory is there still',
    );
    const c = await fleet.spawn(app, 'web2', 'node', 'server.js', '8082');
    const [, newPort] = await web2.printed(new RegExp(`^\\[${c}#webapp.${second}\\] port (\\d+)$`, 'm'));
    assert.deepEqual([await ask(firstPort), await ask(newPort)], ['v1 on web1', 'v2 on web2']);

    assertGave(await cli('stop', `pid#${a}`, b), 0, `[web1] stopped ${a} ${b}\n`);
    assertGave(await cli('stop', `web2#${c}`), 0, `[web2] stopped ${c}\n`);
    assertGave(await cli('ps'), 0, 'drone#web1\ndrone#web2\n');
    const release = `${c}#webapp.${second}`;
    assert.equal(
      web2.stdout,
      [
        'connected to the hub',
        `(deployed webapp/${first})`,
        `(deployed webapp/${second})`,
        `(spawned ${release} : node server.js 8082)`,
        `[${release}] port ${newPort}`,
        `(exited ${release} with code null from signal SIGTERM: node server.js 8082)`,
        '',
      ].join('\n'),
    );
    assert.equal(web2.stderr, '');
    await hub.end('SIGTERM');
    await web2.printed(/^disconnected from the hub\nreconnecting to the hub$/m);
  }),
);

test(
  'fleet hub takes its port as the first bare word or as --cport; with 0 it picks free ones and prints them',
  withFleet('all', async (fleet) => {
    const port = await twoFreePorts();
    for (const given of [[String(port)], ['--cport', String(port)]]) {
      const hub = fleet.start(['hub', ...given, '--secret=s', '--host=127.0.0.1'], {
        cwd: directory(fleet, 'hub'),
      });
      await hub.printed(/git service/);
      assert.equal(
        hub.stdout,
        `control service listening on :${port}\ngit service listening on :${port + 1}\n`,
      );
      assert.equal((await hub.end('SIGTERM')).code, 0);
    }
    await fleet.hub();
    assert.ok(fleet.port > 0 && fleet.gport > 0 && fleet.port !== fleet.gport);
  }),
);

test(
  'plain git can push to the hub and clone from it; a push by hand makes every drone fetch',
  // All daemons answer while this process waits for a git: a push waits for the drones.
  withFleet(['hub', 'web1', 'web2'], async (fleet) => {
    await fleet.hub();
    const drones = [await fleet.drone('web1'), await fleet.drone('web2')];
    const app = await fleet.app('webapp', { 'a.txt': 'one' });
    const url = `http://git:beepboop@127.0.0.1:${fleet.gport}/webapp.git`;
    const monitor = fleet.start(['monitor'], { cwd: app });
    const seen = async (line: string) => monitor.printed(new RegExp(`^${line}$`, 'm'));
    await fleet.runBinary(['deploy', '--repo=other'], { cwd: app });
    const tick = ['sh', '-c', 'while sleep 0.2; do echo tick; done'];
    await fleet.runBinary(['spawn', '--drone=web1', '--repo=other', '--', ...tick], { cwd: app });
    await monitor.printed(/tick/);
    git(app, 'push', '-q', url, 'HEAD:refs/heads/main');
    const pushed = headOf(app);
    for (const drone of drones) await drone.printed(new RegExp(`^\\(deployed webapp/${pushed}\\)$`, 'm'));
    git(app, 'commit', '-q', '--amend', '-m', 'again');
    git(app, 'push', '-q', '--force', url, 'HEAD:refs/heads/main');
    const amended = headOf(app);
    assert.notEqual(amended, pushed);
    await Promise.all(['web1', 'web2'].map((drone) => seen(`\\(deployed ${drone}#webapp/${amended}\\)`)));
    assert.ok(existsSync(join(fleet.dir, 'web2/deploy', `webapp.${amended}`, 'a.txt')));
    git(fleet.dir, 'clone', '-q', url, 'cloned');
    assert.equal(headOf(join(fleet.dir, 'cloned')), amended);
    git(fleet.dir, 'clone', '-q', url.replace('webapp', 'other'), 'other');
    assert.equal(headOf(join(fleet.dir, 'other')), pushed, 'what fleet deploy pushed can be cloned too');
    const refused = (wrong: string) => () => git(fleet.dir, 'clone', '-q', wrong, 'no');
    assert.throws(refused(url.replace('beepboop', 'boop')), /Authentication failed/);
    assert.throws(refused(url.replace('webapp', 'nope')), /not found/);
  }),
);
