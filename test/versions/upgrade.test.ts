import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import {
  type MixedFleet,
  NO_MIXED_FLEET,
  other,
  VERSIONS,
  type Version,
  withMixedFleet,
} from '../fixtures/mixed-fleet.ts';
import type { Running } from '../fixtures/running.ts';

const FILES = {
  'count.js': `let n = 0; setInterval(() => console.log(process.pid + ' ' + n++), 10);`,
  'greet.js': `console.log('hello ' + process.env.NAME); setInterval(() => {}, 1000);`,
};
type Daemon = 'hub' | 'drone';
type Ending = 'SIGTERM' | 'SIGKILL';

/** A hub, a drone and the checkout of an app, whose daemons are replaced by the other version. */
class Upgrade {
  app = '';
  private hub!: Running;
  private drone!: Running;

  constructor(
    readonly fleet: MixedFleet,
    private readonly ending: Ending,
  ) {}

  async begin(version: Version): Promise<void> {
    this.hub = await this.fleet.as(version).hub();
    this.drone = await this.fleet.as(version).drone('web1', '--quiet');
    this.app = await this.fleet.app('webapp', FILES);
    appendFileSync(`${this.app}/.git/info/exclude`, 'fleet.json\n');
    const { code, stderr } = await this.cli(version, 'deploy');
    assert.equal(code, 0, stderr);
  }

  /** Runs `fleet ARGS…` of a version in the app's checkout. */
  cli(version: Version, ...args: string[]) {
    return this.fleet.as(version).run(args, { cwd: this.app });
  }

  async end(daemon: Daemon): Promise<void> {
    await this[daemon].end(this.ending);
  }

  /** Starts a daemon in the place of the one that was ended, and waits until the drone is at the hub. */
  async start(daemon: Daemon, version: Version): Promise<void> {
    if (daemon === 'drone') this.drone = await this.fleet.as(version).drone('web1', '--quiet');
    else {
      const mark = this.drone.stdout.length;
      this.hub = await this.fleet.as(version).hub();
      await this.drone.printed(/^connected to the hub$/m, mark);
    }
  }

  async replace(daemon: Daemon, version: Version): Promise<void> {
    await this.end(daemon);
    await this.start(daemon, version);
  }
}

function withUpgrade(ending: Ending, body: (upgrade: Upgrade) => Promise<void>): () => Promise<void> {
  return withMixedFleet((fleet) => body(new Upgrade(fleet, ending)));
}

/** A service that counts, as it was when it was spawned. */
interface Counter {
  id: string;
  pid: number;
}

async function spawnCounter(upgrade: Upgrade, version: Version): Promise<Counter> {
  const id = await upgrade.fleet.as(version).spawn(upgrade.app, 'web1', 'node', 'count.js');
  const [pid = 0] = upgrade.fleet.pidsOf(id);
  return { id, pid };
}

/** That services run on as they were spawned, each once, and that both versions of `ps` say so. */
async function assertUntouched({ fleet, app }: Upgrade, counters: Counter[], when: string): Promise<void> {
  for (const { id, pid } of counters) assert.deepEqual(fleet.pidsOf(id), [pid], when);
  for (const version of VERSIONS) {
    const processes = (await fleet.psJson(version, app))['web1'] ?? {};
    const shown = Object.entries(processes).map(([id, { status, pid, restarts }]) => [
      id,
      status,
      pid,
      restarts,
    ]);
    const expected = counters.map(({ id, pid }) => [id, 'running', pid, 0]);
    assert.deepEqual(shown.sort(), expected.sort(), `ps of the ${version} client ${when}`);
  }
}

/** The numbers that a service has printed, in what `logs` shows; each line must be of the same process. */
function numbersOf({ id, pid }: Counter, logs: string): number[] {
  const lines = logs.split('\n').filter((line) => line.startsWith(`[web1#${id}] `));
  return lines.map((line) => {
    const [printer, number] = line.slice(line.indexOf(']') + 2).split(' ');
    assert.equal(Number(printer), pid, line);
    return Number(number);
  });
}

/** That each number is there once, in order, from 0 to `last`. */
function assertComplete(numbers: number[], last: number, where: string): void {
  const wrong = numbers.findIndex((number, at) => number !== at);
  assert.equal(wrong, -1, `${where}: ${numbers.slice(wrong - 3, wrong + 3)} from the ${wrong}th on`);
  assert.equal(numbers.at(-1), last, where);
}

describe('upgrade and downgrade', { concurrency: 2, skip: NO_MIXED_FLEET }, () => {
  for (const ending of ['SIGTERM', 'SIGKILL'] as const) {
    for (const order of [
      ['hub', 'drone'],
      ['drone', 'hub'],
    ] as const) {
      test(
        `${ending}, ${order.join(' before ')}: services go on, each once, and no line is lost`,
        withUpgrade(ending, (upgrade) => upAndDown(upgrade, order)),
      );
    }
  }

  for (const version of VERSIONS) {
    test(
      `what died while its drone was replaced is started again by the ${other(version)} one, as it was spawned`,
      withUpgrade('SIGKILL', (upgrade) => diesMeanwhile(upgrade, version)),
    );
    test(
      `a process that waits for its restart when the drone becomes ${other(version)} is started then, and can be stopped`,
      withUpgrade('SIGTERM', (upgrade) => waitsMeanwhile(upgrade, version)),
    );
  }
});

/** From all older to all newer, and back, in this order both times. */
async function upAndDown(upgrade: Upgrade, order: readonly Daemon[]): Promise<void> {
  await upgrade.begin('older');
  const { fleet, app } = upgrade;
  const counters: Counter[] = [];
  for (const version of VERSIONS) counters.push(await spawnCounter(upgrade, version));
  const ids = counters.map(({ id }) => id);
  const followers = VERSIONS.map((version) =>
    fleet.as(version).start(['logs', '-f', '-n', 'all', ...ids], { cwd: upgrade.app }),
  );
  for (const follower of followers)
    for (const id of ids) await follower.printed(new RegExp(`^\\[web1#${id}\\] \\d+ 0$`, 'm'));
  const tokens: string[] = [];
  const lastOf = (counter: Counter, follower: Running) => numbersOf(counter, follower.stdout).at(-1) ?? -1;

  for (const version of ['newer', 'older'] as const) {
    for (const daemon of order) {
      const when = `after the ${daemon} became ${version}`;
      const made = await upgrade.cli(version, 'token', 'create', `${version}-${daemon}`, '--can=read');
      tokens.push(made.stdout.trim());
      const seen = followers.map((follower) => counters.map((counter) => lastOf(counter, follower)));
      await upgrade.replace(daemon, version);
      await assertUntouched(upgrade, counters, when);
      for (const token of tokens) {
        const { code, stderr } = await upgrade.cli(version, 'ps', `--secret=${token}`);
        assert.equal(code, 0, `a token ${when}: ${stderr}`);
      }
      for (const [f, follower] of followers.entries())
        for (const [c, counter] of counters.entries())
          await eventually(
            () => lastOf(counter, follower) > (seen[f]?.[c] ?? 0) + 50,
            `the ${VERSIONS[f]} logs -f goes on ${when}: ${follower.stdout.slice(-200)}${follower.stderr}`,
          );
    }
  }

  const stopped = await upgrade.cli('newer', 'stop', '--all');
  assert.match(stopped.stdout, /^\[web1\] stopped [0-9a-f]{6} [0-9a-f]{6}\n$/, stopped.stderr);
  for (const counter of counters) {
    assert.deepEqual(fleet.pidsOf(counter.id), []);
    const { stdout } = await upgrade.cli('older', 'logs', '-n', 'all', counter.id);
    const numbers = numbersOf(counter, stdout);
    const last = numbers.length - 1;
    assertComplete(numbers, last, 'older logs');
    assert.ok(last > 200, `${last} lines`);
    const newer = await upgrade.cli('newer', 'logs', '-n', 'all', counter.id);
    assert.equal(newer.stdout, stdout, 'newer logs');
    for (const [f, follower] of followers.entries()) {
      await eventually(() => lastOf(counter, follower) >= last, 'the last line is followed');
      assertComplete(numbersOf(counter, follower.stdout), last, `${VERSIONS[f]} logs -f`);
    }
  }
  const audit = await upgrade.cli('older', 'audit', '--json');
  const calls = audit.stdout.matchAll(/"call":"(spawn|token.create|stop)"/g);
  assert.deepEqual(
    Array.from(calls, ([, call]) => call),
    ['spawn', 'spawn', ...tokens.map(() => 'token.create'), 'stop'],
  );
  assert.deepEqual(await fleet.psJson('older', app), { web1: {} });
}

async function diesMeanwhile(upgrade: Upgrade, version: Version): Promise<void> {
  await upgrade.begin(version);
  const { fleet, app } = upgrade;
  const spawned = await upgrade.cli(version, 'spawn', '--env.NAME=of before', '--', 'node', 'greet.js');
  const id = /#([0-9a-f]{6})/.exec(spawned.stdout)?.[1] ?? '';
  const [pid = 0] = fleet.pidsOf(id);
  const isLogged = async (times: number) =>
    (await upgrade.cli(version, 'logs', id)).stdout === `[web1#${id}] hello of before\n`.repeat(times);
  await eventually(() => isLogged(1), 'it says hello');
  await upgrade.end('drone');
  process.kill(pid, 'SIGKILL');
  await upgrade.start('drone', other(version));
  await eventually(async () => {
    const { status, restarts } = (await fleet.psJson(version, app))['web1']?.[id] ?? {};
    return status === 'running' && restarts === 1;
  }, 'it runs again');
  assert.equal(fleet.pidsOf(id).length, 1);
  await eventually(() => isLogged(2), 'it has the environment that it was spawned with');
  assert.equal((await upgrade.cli(version, 'stop', id)).code, 0);
  await upgrade.replace('drone', version);
  assert.deepEqual(await fleet.psJson(version, app), { web1: {} }, 'it stays stopped');
  assert.deepEqual(fleet.pidsOf(id), []);
}

async function waitsMeanwhile(upgrade: Upgrade, version: Version): Promise<void> {
  await upgrade.begin(version);
  const { fleet, app } = upgrade;
  const script = 'test -e go || exit 3; exec sleep 300';
  const id = await fleet.as(version).spawn(app, 'web1', 'sh', '-c', script);
  const entry = async () => (await fleet.psJson(version, app))['web1']?.[id];
  await eventually(async () => (await entry())?.status === 'respawning', 'it has failed');
  await upgrade.replace('drone', other(version));
  await upgrade.cli(version, 'exec', '--', 'touch', 'go');
  await eventually(async () => (await entry())?.status === 'running', 'it runs');
  assert.ok(((await entry())?.restarts ?? 0) > 0);
  assert.equal(fleet.pidsOf(id).length, 1);
  assert.match((await upgrade.cli(version, 'stop', id)).stdout, /^\[web1\] stopped/);
  assert.deepEqual(fleet.pidsOf(id), []);
}
