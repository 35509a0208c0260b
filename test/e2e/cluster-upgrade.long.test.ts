import assert from 'node:assert/strict';
import { get } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/index.ts';
import { ClusterFleet } from '../fixtures/cluster-fleet.ts';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';
import { SECRET } from '../fixtures/real-fleet.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

const HUBS = ['h1', 'h2', 'h3'];
const DRONES = ['web1', 'web2', 'web3'];
const APP = {
  'server.js':
    "require('http').createServer((_, response) => response.end('ok')).listen(process.env.PORT); process.on('SIGTERM', () => process.exit(0));",
  'lines.js': 'let n = 0; setInterval(() => console.log(n++), 20);',
  'fleet.toml':
    '[services.web]\ncommand = "node server.js"\ncount = 3\nhealth = "/"\nhost = ["example.com"]\n',
  '.gitignore': 'fleet.json\n',
};

const MAX_FAILED = 20;

/** What happens all the while, until it is over, and what has gone wrong. */
class Work {
  readonly failed: string[] = [];
  private isOver = false;
  private readonly loops: Promise<void>[] = [];

  /** Does it again and again; counts how often, and how many milliseconds it has taken at most. */
  again(what: string, act: () => Promise<unknown>): { times: number; slowest: number } {
    const done = { times: 0, slowest: 0 };
    const loop = async () => {
      while (!this.isOver) {
        try {
          const began = performance.now();
          if (this.failed.length < MAX_FAILED) await act();
          done.times++;
          done.slowest = Math.max(done.slowest, Math.round(performance.now() - began));
        } catch (error) {
          this.failed.push(`${what}: ${error instanceof Error ? error.message : error}`);
        }
        await sleep(20);
      }
    };
    this.loops.push(loop());
    return done;
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.loops);
  }
}

for (const [what, signal] of [
  ['upgraded', 'SIGTERM'],
  ['killed', 'SIGKILL'],
] as const)
  test(`hubs are ${what} one after the other, under load, and nothing is lost`, { skip }, (t) =>
    oneByOne(t, signal),
  );

async function oneByOne(t: TestContext, signal: NodeJS.Signals): Promise<void> {
  const on = await ClusterFleet.open();
  t.after(() => on.end());
  for (const name of HUBS) await on.clusterHub(name);
  for (const name of DRONES) await on.clusterDrone(name).printed(/^connected to the hub$/m);
  const hub = HUBS.map((name) => `127.0.0.1:${on.hubs.get(name)?.port}`).join(',');
  const target = [`--hub=${hub}`, `--secret=${SECRET}`];
  const app = await on.use('h1').app('webapp', APP);
  const fleet = async (...words: string[]) => {
    const end = words.includes('--') ? words.indexOf('--') : words.length;
    const { code, stdout, stderr } = await on.run(words.toSpliced(end, 0, ...target), { cwd: app });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const first = `--commit=${commit(app, { 'n.txt': '0' })}`;
  await fleet('up');
  const proxy = on.startDaemon('proxy', ['proxy', '--listen=127.0.0.1:0', ...target]);
  const port = Number((await proxy.printed(/^proxy listening on :(\d+)$/m))[1]);
  await eventually(() => answers(port).then(Boolean, () => false), 'the proxy serves');

  const client = await connect({ hub, secret: SECRET });
  t.after(() => client.close());
  const events: string[] = [];
  void (async () => {
    for await (const item of client.monitor()) {
      const event = item.kind === 'event' ? item.event : null;
      if (event?.type === 'spawned' || event?.type === 'stopped') events.push(`${event.type} ${event.id}`);
    }
  })().catch(() => {});
  const printing = idOf(await fleet('spawn', '--', 'node', 'lines.js'));
  const lines: number[] = [];
  void (async () => {
    for await (const item of client.logs({ ids: [printing], follow: true }))
      if (item.kind === 'line') lines.push(Number(item.line));
      else if (item.kind !== 'unfinished') lines.push(Number.NaN);
  })().catch(() => {});
  await eventually(() => lines.length > 10 && events.length > 0, 'somebody looks on');

  const work = new Work();
  t.after(() => work.end());
  const ids: string[] = [];
  const spawned = work.again('spawn and stop', async () => {
    const id = idOf(await fleet('spawn', first, '--', 'sleep', '1000'));
    ids.push(id);
    await fleet('stop', id);
  });
  let release = 1;
  const released = work.again('up', async () => {
    commit(app, { 'n.txt': String(Math.random()) });
    assert.match(await fleet('up'), new RegExp(`^v${++release} live  web 3/3`, 'm'));
  });
  // A command is tied to its connections, and says so if one of these ends.
  const run = work.again('exec', async () => {
    const words = ['exec', first, ...target, '--', 'echo', 'hi'];
    const { code, stdout, stderr } = await on.run(words, { cwd: app });
    if (code === 0) assert.match(stdout, /\] hi$/m);
    else assert.match(stderr, /going away|was stopped|connect/);
  });
  const asked = work.again('request', () => answers(port));
  for (const name of HUBS) {
    await sleep(2_000);
    await on.hubs.get(name)?.running.end(signal);
    await sleep(2_000);
    await on.clusterHub(name);
    await eventually(async () => (await on.listed(name)).length === HUBS.length, `${name} is one of them`);
  }
  for (const [what, done] of Object.entries({ spawned, released, run, asked })) {
    const { times } = done;
    await eventually(() => done.times > times + 1, `${what} goes on`);
  }
  await work.end();
  const shown = (done: { times: number; slowest: number }) => `${done.times} in ${done.slowest} ms at most`;
  const counts = Object.entries({ spawned, released, run, asked }).map(
    ([what, done]) => `${what} ${shown(done)}`,
  );
  t.diagnostic(counts.join('; '));
  assert.deepEqual(work.failed, []);

  const wanted = ids.flatMap((id) => [`spawned ${id}`, `stopped ${id}`]).sort();
  const seen = () => events.filter((event) => ids.includes(event.slice(-6))).sort();
  await eventually(() => seen().length >= wanted.length, 'all is seen').catch(() => {});
  assert.deepEqual(seen(), wanted);
  const last = lines.at(-1) ?? 0;
  await eventually(() => (lines.at(-1) ?? 0) > last, 'its lines still come');
  assert.deepEqual(
    lines,
    Array.from(lines, (_, n) => (lines[0] ?? 0) + n),
  );
  for (const name of HUBS) {
    const { stdout } = await on.at(name, 'ps', '--json');
    const running = Object.values(JSON.parse(stdout) as Record<string, object>).flatMap(Object.keys);
    const left = running.filter((key) => /^[0-9a-f]{6}$/.test(key));
    assert.equal(left.length, 4, `${name}: ${stdout}`);
    const at = [`--hub=127.0.0.1:${on.hubs.get(name)?.port}`, `--secret=${SECRET}`];
    const { stdout: releases } = await on.run(['releases', ...at], { cwd: app });
    assert.match(releases, new RegExp(`^v${release} +live`, 'm'));
  }
}

const idOf = (printed: string) => /#([0-9a-f]{6})\)/.exec(printed)?.[1] ?? '';

/** Resolves when the app has answered through the proxy. */
function answers(port: number): Promise<true> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, headers: { host: 'example.com' }, agent: false } as const;
    get(options, (response) => {
      response.resume().on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve(true) : reject(new Error(String(response.statusCode))),
      );
    }).on('error', reject);
  });
}
