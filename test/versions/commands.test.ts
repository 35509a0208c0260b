import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { commit, eventually, git, headOf } from '../fixtures/local-fleet.ts';
import { MixedFleet, NO_MIXED_FLEET, VERSIONS, type Version } from '../fixtures/mixed-fleet.ts';
import { SECRET } from '../fixtures/real-fleet.ts';
import type { Result, Running } from '../fixtures/running.ts';
import { assertFailed, assertGave } from '../fixtures/stage.ts';

const FILES = {
  'talk.js': `console.log('hello from ' + process.env.DRONE_ID); setInterval(() => {}, 1000);`,
  'count.js': `let n = 0; setInterval(() => console.log('line ' + n++), 5);`,
};

/** Each drone is of the version that it is named after. */
const DRONES = VERSIONS;

describe('every command, of either version', { concurrency: 2, skip: NO_MIXED_FLEET }, () => {
  for (const hub of VERSIONS) {
    for (const client of VERSIONS) {
      const name = `hub ${hub}, client ${client}, drones of both versions`;
      describe(name, { concurrency: false }, () => everyCommand(hub, client));
    }
  }
});

/** Does something with both drones at once. */
async function onEach(body: (drone: Version) => Promise<void>): Promise<void> {
  await Promise.all(DRONES.map(body));
}

function everyCommand(hubVersion: Version, client: Version): void {
  const fleet = new MixedFleet();
  const drones: Record<string, Running> = {};
  let app = '';

  /** Runs `fleet ARGS…` of the client's version in the app's checkout. */
  const cli = (...args: string[]): Promise<Result> => fleet.as(client).run(args, { cwd: app });
  const start = (...args: string[]): Running => fleet.as(client).start(args, { cwd: app });
  const spawn = (drone: string, ...command: string[]): Promise<string> =>
    fleet.as(client).spawn(app, drone, ...command);
  /** Spawns on both drones with one command; returns the ids by drone. */
  const spawnBoth = async (...command: string[]): Promise<Record<Version, string>> => {
    const { stdout, stderr } = await cli('spawn', '--drone=*', '--', ...command);
    const [, newer, older] =
      /^\(spawned newer#([0-9a-f]{6})\)\n\(spawned older#([0-9a-f]{6})\)\n$/.exec(stdout) ?? [];
    assert.ok(newer && older, stdout + stderr);
    return { newer, older };
  };
  const ps = () => fleet.psJson(client, app);
  const checkout = (drone: string) => join(fleet.dir, drone, 'deploy', `webapp.${headOf(app)}`);

  before(async () => {
    await fleet.as(hubVersion).hub();
    app = await fleet.app('webapp', FILES);
    // What git checks out must not take it away.
    appendFileSync(join(app, '.git/info/exclude'), 'fleet.json\n');
  });
  after(() => fleet.end());

  test('a commit that was deployed before there were drones reaches each one that connects', async () => {
    const { code, stdout } = await cli('deploy');
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^stored webapp/${headOf(app)}: `));
    await onEach(async (drone) => {
      drones[drone] = await fleet.as(drone).drone(drone);
      await drones[drone].printed(new RegExp(`^\\(deployed webapp/${headOf(app)}\\)$`, 'm'));
      assert.equal(readFileSync(join(checkout(drone), 'count.js'), 'utf8'), FILES['count.js']);
    });
  });

  test('a new commit is deployed to all drones, and can be deployed again', async () => {
    commit(app, { 'a.txt': 'a' });
    for (let time = 0; time < 2; time++) {
      assertGave(await cli('deploy'), 0, `deployed webapp/${headOf(app)}\n`);
      for (const drone of DRONES) assert.ok(existsSync(join(checkout(drone), 'a.txt')));
    }
  });

  test('a service is spawned on a drone by name, on all drones, and on any', async () => {
    await onEach(async (drone) => {
      const id = await spawn(drone, 'node', 'talk.js');
      const { status, repo, commit, command, restarts, pid } = (await ps())[drone]?.[id] ?? {};
      const expected = { repo: 'webapp', commit: headOf(app), command: ['node', 'talk.js'], restarts: 0 };
      assert.deepEqual({ status, repo, commit, command, restarts }, { status: 'running', ...expected });
      assert.deepEqual(fleet.pidsOf(id), [pid]);
    });
    await spawnBoth('node', 'talk.js');
    const any = await cli('spawn', '--', 'node', 'talk.js');
    assert.match(any.stdout, /^\(spawned (older|newer)#[0-9a-f]{6}\)\n$/);
    assertGave(any, 0, any.stdout);
  });

  test('a failed spawn is one line', async () => {
    await onEach(async (drone) => {
      const failed = await cli('spawn', `--drone=${drone}`, '--', 'nodee');
      assertFailed(failed, 1, `[${drone}] spawn nodee: not found`);
    });
    assertFailed(await cli('spawn', '--drone=nope', '--', 'node'), 1, /^fleet: .*newer.*older/);
    commit(app, { 'b.txt': 'b' });
    await onEach(async (drone) => {
      const missing = await cli('spawn', `--drone=${drone}`, '--', 'node');
      assertFailed(missing, 1, new RegExp(`^\\[${drone}\\] webapp/${headOf(app)} .*fleet deploy`));
    });
  });

  test('a push by hand makes every drone fetch', async () => {
    const head = commit(app, { 'pushed.txt': 'p' });
    git(app, 'push', '-q', `http://git:${SECRET}@127.0.0.1:${fleet.gport}/webapp.git`, 'main');
    await onEach(async (drone) => {
      await drones[drone]?.printed(new RegExp(`^\\(deployed webapp/${head}\\)$`, 'm'));
      assert.ok(existsSync(join(checkout(drone), 'pushed.txt')));
    });
  });

  test('ps prints a tree for each drone', async () => {
    await cli('stop', '--all');
    const { newer, older } = await spawnBoth('sleep', '300');
    const tree = (drone: string, id: string) => [
      `drone#${drone}`,
      `└─┬ pid#${id}`,
      '  ├── status:   running',
      `  ├── commit:   webapp/${headOf(app)}`,
      '  └── command:  sleep 300',
    ];
    const lines = [...tree('newer', newer), ...tree('older', older), ''];
    assertGave(await cli('ps'), 0, lines.join('\n'));
  });

  test('exec passes on the output of its command, its input, and its exit status', async () => {
    await onEach(async (drone) => {
      const run = async (command: string[], stdin: string) => {
        const args = ['exec', `--drone=${drone}`, '--env.X=y', '--', ...command];
        const result = await fleet.as(client).run(args, { cwd: app, stdin });
        const id = /#([0-9a-f]{6})[\] ]/.exec(result.stdout)?.[1] ?? '';
        const [stdout, stderr] = [result.stdout, result.stderr].map((text) => text.replaceAll(id, 'ID'));
        return { ...result, stdout, stderr } as Result;
      };
      const script = 'cat; echo "$X" "$DRONE_ID"; exit 3';
      assertGave(
        await run(['sh', '-c', script], 'in\n'),
        3,
        `[${drone}#ID] in\n[${drone}#ID] y ${drone}\n(${drone}#ID exited${client === 'newer' ? ' 3' : ''})\n`,
      );
      assertGave(
        await run(['sh', '-c', 'echo out; echo err >&2'], ''),
        0,
        `[${drone}#ID] out\n(${drone}#ID exited)\n`,
        `[${drone}#ID] err\n`,
      );
      assertFailed(
        await cli('exec', `--drone=${drone}`, '--', 'nodee'),
        1,
        `[${drone}] spawn nodee: not found`,
      );
    });
    // An older client sends its input to the first drone, an older hub refuses to send it to all.
    const noInput = client === 'newer' ? ['-n'] : [];
    const all = await cli(
      'exec',
      ...noInput,
      '--drone=*',
      '--',
      'sh',
      '-c',
      'test $DRONE_ID = newer || exit 7',
    );
    assert.equal(all.code, 7, all.stdout + all.stderr);
    const endings = /^\((older#[0-9a-f]{6} exited( 7)?|newer#[0-9a-f]{6} exited)\)$/gm;
    assert.equal(all.stdout.match(endings)?.length, 2, all.stdout);
  });

  test('exec --raw carries bytes both ways, more than may be in flight at once', async () => {
    const bytes = join(fleet.dir, 'bytes');
    writeFileSync(bytes, randomBytes(5_000_000));
    const sum = createHash('sha256').update(readFileSync(bytes)).digest('hex');
    await onEach(async (drone) => {
      const stdin = readFileSync(bytes);
      const there = ['exec', '--raw', `--drone=${drone}`, '--', 'sh', '-c', `cat >${bytes}.${drone}`];
      assertGave(await fleet.as(client).run(there, { cwd: app, stdin }), 0, '');
      assert.deepEqual(readFileSync(`${bytes}.${drone}`), stdin);
      // As text, for that is what the fixture collects.
      const back = await cli('exec', '--raw', `--drone=${drone}`, '--', 'base64', '-w0', bytes);
      assert.equal(back.code, 0, back.stderr);
      assert.equal(createHash('sha256').update(Buffer.from(back.stdout, 'base64')).digest('hex'), sum);
    });
  });

  test('Ctrl-C ends what exec started', async () => {
    await onEach(async (drone) => {
      const exec = start('exec', `--drone=${drone}`, '--', 'sh', '-c', 'echo begun; exec sleep 300');
      const id = (await exec.printed(/#([0-9a-f]{6})\] begun/))[1] ?? '';
      assert.equal(fleet.pidsOf(id).length, 1);
      await exec.end('SIGINT');
      await eventually(() => fleet.pidsOf(id).length === 0, 'it is ended');
    });
  });

  test('logs shows what was printed, and with -f what follows', async () => {
    const talks = await spawnBoth('node', 'talk.js');
    const counts = await spawnBoth('node', 'count.js');
    await onEach(async (drone) => {
      const [talk, count] = [talks[drone], counts[drone]];
      const follow = start('logs', '-f', '-n', 'all', talk, count);
      await follow.printed(/line 60$/m);
      await follow.printed(/hello/);
      await follow.end('SIGINT');
      const lines = follow.stdout.split('\n').filter((line) => line.startsWith(`[${drone}#${count}] `));
      assert.deepEqual(
        lines,
        lines.map((_, n) => `[${drone}#${count}] line ${n}`),
      );
      assertGave(await cli('logs', talk), 0, `[${drone}#${talk}] hello from ${drone}\n`);
      const last = await cli('logs', '-n', '3', '--grep=line', '--json', count);
      const entry = `{"time":"[^"]+","drone":"${drone}","id":"${count}","line":"line \\d+"}\n`;
      assert.match(last.stdout, new RegExp(`^(${entry}){3}$`), last.stderr);
    });
    await cli('stop', ...Object.values(counts));
    assertFailed(await cli('logs', 'ffffff'), 1, /^fleet: .*ffffff/);
  });

  test('monitor sees what is deployed, spawned, printed, exited and stopped on every drone', async () => {
    const monitor = start('monitor');
    const ticker = await spawn('older', 'sh', '-c', 'while sleep 0.1; do echo tick; done');
    await monitor.printed(/tick$/m);
    commit(app, { 'c.txt': 'c' });
    await cli('deploy');
    const ids = await spawnBoth('sh', '-c', 'echo hello; exec sleep 300');
    for (const drone of DRONES)
      await monitor.printed(new RegExp(`^\\[${drone}#${ids[drone]}\\] hello$`, 'm'));
    await cli('stop', ...Object.values(ids));
    for (const drone of DRONES) {
      await monitor.printed(new RegExp(`^\\(deployed ${drone}#webapp/${headOf(app)}\\)$`, 'm'));
      const id = ids[drone];
      await monitor.printed(new RegExp(`^\\(stopped ${drone}#${id} `, 'm'));
      const mine = monitor.stdout.split('\n').filter((line) => line.includes(`${drone}#${id}`));
      const shown = "sh -c 'echo hello; exec sleep 300'";
      assert.deepEqual(mine, [
        `(spawned ${drone}#${id} : ${shown})`,
        `[${drone}#${id}] hello`,
        `(exited ${drone}#${id} : ${shown})`,
        // An older drone or hub does not say that the end was asked for.
        ...(client === 'newer' && !(hubVersion === 'newer' && drone === 'newer')
          ? [`(${drone}#${id} exited SIGTERM)`]
          : []),
        `(stopped ${drone}#${id} : ${shown})`,
      ]);
    }
    assert.equal(monitor.stderr, '');
    await monitor.end('SIGINT');
    await cli('stop', ticker);
  });

  test('a restarted process keeps its id, and one that crashes is started again', async () => {
    const ids = await spawnBoth('sleep', '300');
    const pids = () => DRONES.map((drone) => fleet.pidsOf(ids[drone]));
    const first = pids();
    const restarted = await cli('restart', ...Object.values(ids));
    assertGave(restarted, 0, `[newer] restarted ${ids.newer}\n[older] restarted ${ids.older}\n`);
    const second = pids();
    assert.deepEqual(
      [first, second].flatMap((each) => each.map(({ length }) => length)),
      [1, 1, 1, 1],
    );
    assert.ok(second.every(([pid], n) => pid !== first[n]?.[0]));
    for (const [pid = 0] of second) process.kill(pid, 'SIGKILL');
    await eventually(async () => {
      const processes = await ps();
      return DRONES.every((drone, n) => {
        const { status, pid } = processes[drone]?.[ids[drone]] ?? {};
        return status === 'running' && pid !== second[n]?.[0];
      });
    }, 'both run again');
    assert.deepEqual(
      pids().map(({ length }) => length),
      [1, 1],
    );
  });

  test('stop ends processes by id, by repository and all of them', async () => {
    await cli('stop', '--all');
    const ways: ((ids: Record<Version, string>) => string[])[] = [
      ({ older, newer }) => [`pid#${older}`, `newer#${newer}`],
      () => ['--repo=webapp'],
      () => ['--all'],
    ];
    for (const way of ways) {
      const ids = await spawnBoth('sleep', '300');
      const stopped = await cli('stop', ...way(ids));
      assertGave(stopped, 0, `[newer] stopped ${ids.newer}\n[older] stopped ${ids.older}\n`);
      for (const id of Object.values(ids)) assert.deepEqual(fleet.pidsOf(id), []);
    }
    assert.deepEqual(await ps(), { older: {}, newer: {} });
    assertFailed(await cli('stop', 'ffffff'), 1, /^(fleet: )?.*ffffff/);
  });

  test('a token allows its rights, for its repository only, until it is removed', async () => {
    const other = await fleet.app('other', FILES);
    appendFileSync(join(other, '.git/info/exclude'), 'fleet.json\n');
    assert.equal((await fleet.as(client).run(['deploy'], { cwd: other })).code, 0);
    const { stdout } = await cli('token', 'create', 'reader', '--can=read', '--repo=webapp');
    const holder = (command: string, ...args: string[]) =>
      cli(command, `--secret=${stdout.trimEnd()}`, ...args);
    assert.match((await cli('token', 'ls')).stdout, /^reader +([0-9a-f]{8} +)?read +webapp +never$/m);
    const mine = await spawnBoth('node', 'talk.js');
    const shown = async () => JSON.parse((await holder('ps', '--json')).stdout);
    await onEach(async (drone) => {
      const theirs = await fleet.as(client).spawn(other, drone, 'node', 'talk.js');
      const line = `[${drone}#${mine[drone]}] hello from ${drone}\n`;
      await eventually(async () => (await holder('logs', mine[drone])).stdout === line, 'it reads the log');
      assertFailed(await holder('logs', theirs), 1, /^fleet: .+/);
      const { processes: _newer, ...byId } = (await shown())[drone];
      assert.deepEqual(Object.keys(byId), [mine[drone]]);
      const executed = await holder('exec', `--drone=${drone}`, '--', 'true');
      assertFailed(executed, 1, /^(fleet|\[\w+\]): .*exec/);
    });
    assertFailed(await holder('stop', mine.newer), 1, /^(fleet|\[\w+\]): .*deploy/);
    assertGave(await cli('token', 'rm', 'reader'), 0, '');
    assertFailed(await holder('ps'), 1, /^fleet: .+/);
  });

  test('audit shows who did what', async () => {
    const { stdout } = await cli('audit', '-n', '1000', '--json');
    const entries = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const call of ['deploy', 'spawn', 'exec.start', 'stop', 'restart', 'token.create', 'token.remove'])
      assert.ok(
        entries.some((entry) => entry.call === call && entry.who === 'secret' && entry.result === 'ok'),
        call,
      );
    assert.doesNotMatch(stdout, new RegExp(SECRET));
    const last = await cli('audit', '-n', '2');
    assert.equal(last.code, 0);
    assert.match(last.stdout, /^(\S+ [\w-]+@\S+ [\w.]+.*: \S.*\n){2}$/);
  });
}
