import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commit, eventually, processesOf } from '../fixtures/local-fleet.ts';
import { RealFleet, type RunOptions } from '../fixtures/real-fleet.ts';
import type { Running } from '../fixtures/running.ts';
import { ClusterSoak } from './cluster/run.ts';

// `npm run soak -- --cluster [MINUTES [SEED]]`: random work at three hubs that are one, while hubs, servers of the engine and
// drones are killed and held up; ends with 1 if a promise was broken.
// `npm run soak [-- MINUTES]`: mixed work with faults on one hub and three drones, ten minutes unless it says otherwise.
// Prints what each daemon uses as it goes; ends with 1 where memory, descriptors, processes or files were left behind.

const IS_CLUSTER = process.argv.includes('--cluster');
const [MINUTES = 10, SEED = Date.now() % 1_000_000] = process.argv
  .slice(2)
  .filter((word) => word !== '--cluster')
  .map(Number);
const APP = {
  'server.js': `require('http').createServer((q, s) => s.end('ok')).listen(0, '127.0.0.1');
    setInterval(() => console.log('tick ' + Date.now()), 50);`,
  'crash.sh': 'echo about to fail; exit 1',
};

/**
 * For the hub: V8 may give its young generation up to 48 MiB over the minutes, which is no leak, and would hide one.
 * Held at a size that it has anyway, what still grows is ours. A drone holds it by itself.
 */
const STEADY_HEAP = { NODE_OPTIONS: '--max-semi-space-size=2' };

/** The hub has a steady heap. */
class SoakedFleet extends RealFleet {
  override start(args: string[], options: RunOptions = {}): Running {
    const isHub = args[0] === 'hub';
    return super.start(args, isHub ? { ...options, env: { ...options.env, ...STEADY_HEAP } } : options);
  }
}

interface Use {
  /** KiB. */
  rss: number;
  fds: number;
  sockets: number;
}

function useOf(pid: number): Use {
  const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return { rss, fds: links.length, sockets: links.filter((link) => link.startsWith('socket:')).length };
}

/** Git processes below `pid`. */
function gitsOf(pid: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
        return parent === pid && stat.includes('(git') ? [stat] : [];
      } catch {
        return [];
      }
    });
}

/** Temporary files of git or of fleet that nobody will ever use. */
function leftovers(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      /(^|\/)(\.tmp-|tmp_|tmp_objdir|incoming-)[^/]*$|\.lock$/.test(file) &&
      !/^(hub|drone)\.lock$/.test(file),
  );
}

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

class Soak {
  readonly fleet = new SoakedFleet('all');
  readonly failures: string[] = [];
  private hub!: Running;
  private steady!: Running;
  private fragile!: Running;
  private app = '';
  private commits = 0;
  private deployed = '';
  private killing: Promise<void> | null = null;
  readonly done: Record<string, number> = {};

  async start(): Promise<void> {
    this.hub = await this.fleet.hub();
    this.steady = await this.fleet.drone('steady', '--log-max=256K', '--quiet');
    this.fragile = await this.fleet.drone('fragile', '--log-max=256K', '--quiet');
    this.app = await this.fleet.app('webapp', APP);
    this.deployed = commit(this.app, { n: '0' });
    await this.expect('deploy', ['deploy']);
  }

  uses(): { hub: Use; steady: Use } {
    return { hub: useOf(this.hub.pid), steady: useOf(this.steady.pid) };
  }

  /** One thing that users do, or that happens to servers. */
  async step(): Promise<void> {
    const steps: Record<string, () => Promise<void>> = {
      deploy: async () => {
        const made = commit(this.app, { n: String(++this.commits) });
        await this.expect('deploy', ['deploy', `--commit=${made}`]);
        this.deployed = made;
      },
      spawn: () =>
        this.expect('spawn', ['spawn', '--drone=*', `--commit=${this.deployed}`, '--', 'node', 'server.js']),
      crash: () =>
        this.expect('spawn', [
          'spawn',
          '--drone=steady',
          `--commit=${this.deployed}`,
          '--',
          'sh',
          'crash.sh',
        ]),
      exec: () =>
        this.expect('exec', [
          'exec',
          '--drone=*',
          `--commit=${this.deployed}`,
          '--',
          'sh',
          '-c',
          'seq 1 20000',
        ]),
      stopAll: () => this.expect('stop', ['stop', '--all', '--grace=1s']),
      ps: () => this.expect('ps', ['ps', '--json']),
      logs: () => this.expect('logs', ['logs', '-n', '500']),
      monitor: () => this.abandon(['monitor']),
      follow: () => this.abandon(['logs', '-f']),
      lostExec: () =>
        this.abandon([
          'exec',
          '--drone=*',
          `--commit=${this.deployed}`,
          '--',
          'sh',
          '-c',
          'while :; do echo x; sleep 0.01; done',
        ]),
      wrongSecret: async () => {
        await this.fleet.runBinary(['ps', '--secret=wrong', '--timeout=2'], { cwd: this.app });
      },
      stranger: () => this.stranger(),
      killDrone: () => {
        // Two steps run at a time: a drone is killed once, and started once.
        this.killing ??= this.killDrone().finally(() => {
          this.killing = null;
        });
        return this.killing;
      },
      abortedPush: async () => {
        commit(this.app, { big: Math.random().toString(36).repeat(100_000) });
        const deploy = this.fleet.start(['deploy'], { cwd: this.app }); // Killed: what it meant is never deployed.
        await sleep(100 + Math.random() * 300);
        await deploy.end('SIGKILL');
      },
      pausedHub: async () => {
        this.hub.kill('SIGSTOP');
        await sleep(500);
        this.hub.kill('SIGCONT');
      },
    };
    const name = pick(Object.keys(steps));
    this.done[name] = (this.done[name] ?? 0) + 1;
    await steps[name]?.();
  }

  /** Everything is stopped, and the daemons are given a moment. */
  async rest(): Promise<void> {
    await this.expect('stop', ['stop', '--all', '--grace=1s']);
    await sleep(7_000); // Kept-alive connections of git end after five seconds.
  }

  async check(): Promise<void> {
    for (const [name, { pid }] of Object.entries({
      hub: this.hub,
      steady: this.steady,
      fragile: this.fragile,
    })) {
      for (const git of gitsOf(pid)) this.failures.push(`${name} has left a git: ${git}`);
      for (const file of leftovers(join(this.fleet.dir, name)))
        this.failures.push(`${name} has left ${file}`);
    }
    const after = await this.fleet.ps();
    for (const [name, processes] of Object.entries(after)) {
      if (Object.keys(processes).length > 0)
        this.failures.push(`ps shows processes of ${name} that were stopped`);
    }
    for (const dir of this.fleet.droneDirs) {
      const left = processesOf(dir);
      if (left.length > 0) this.failures.push(`processes are left in ${dir}: ${JSON.stringify(left)}`);
    }
    await this.hub.end('SIGKILL');
    this.hub = await this.fleet.hub();
    await eventually(
      async () => Object.keys(await this.fleet.ps()).length === 2,
      'all drones are back',
    ).catch((error: Error) => this.failures.push(error.message));
  }

  private async killDrone(): Promise<void> {
    await this.fragile.end('SIGKILL');
    this.fragile = await this.fleet.drone('fragile', '--log-max=256K', '--quiet');
  }

  private async expect(what: string, args: string[]): Promise<void> {
    const { code, stderr } = await this.fleet.runBinary(args, { cwd: this.app });
    // What is lost while it is asked says so; there may be nothing to stop, or somebody else stops it just now.
    const fair = /nothing to stop|fragile|the connection to the drone|no process \w+ runs here/;
    if (code !== 0 && !fair.test(stderr))
      this.failures.push(`${what} ended with ${code}: ${stderr.trim().split('\n')[0]}`);
  }

  private async abandon(args: string[]): Promise<void> {
    const running = this.fleet.start(args, { cwd: this.app });
    await sleep(500 + Math.random() * 1000);
    await running.end(pick(['SIGKILL', 'SIGINT', 'SIGTERM']));
  }

  private async stranger(): Promise<void> {
    for (const port of [this.fleet.port, this.fleet.gport]) {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        pick([
          'GET / HTTP/1.1\r\n',
          '\0\xff\x16\x03',
          `GET /${'x'.repeat(20_000)}`,
          'POST /a.git/git-upload-pack HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n',
        ]),
      );
      await sleep(50);
      socket.destroy();
    }
  }
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
const line = (name: string, { rss, fds, sockets }: Use) =>
  `${name} ${(rss / 1024).toFixed(1)} MiB, ${fds} descriptors, ${sockets} sockets`;

async function main(): Promise<number> {
  const soak = new Soak();
  try {
    await soak.start();
    await soak.rest();
    const idle = soak.uses();
    console.log(`at rest, before: ${line('hub', idle.hub)}; ${line('drone', idle.steady)}`);
    const memory: { hub: number[]; steady: number[] } = { hub: [], steady: [] };
    const started = performance.now();
    for (let minute = 1; minute <= MINUTES; minute++) {
      while (performance.now() - started < minute * 60_000) {
        await Promise.all([soak.step(), soak.step()]);
        const { hub, steady } = soak.uses();
        memory.hub.push(hub.rss);
        memory.steady.push(steady.rss);
      }
      const { hub, steady } = soak.uses();
      console.log(`minute ${minute}: ${line('hub', hub)}; ${line('drone', steady)}`);
    }
    await soak.rest();
    const rested = soak.uses();
    console.log(`at rest, after: ${line('hub', rested.hub)}; ${line('drone', rested.steady)}`);
    console.log(`done: ${JSON.stringify(soak.done)}`);
    for (const name of ['hub', 'steady'] as const) {
      const all = memory[name];
      const [second, last] = [all.slice(all.length >> 2, all.length >> 1), all.slice(-(all.length >> 2))].map(
        median,
      );
      console.log(`${name}: median memory of the second quarter ${second} KiB, of the last ${last} KiB`);
      if (second && last && last > second * 1.25) soak.failures.push(`the memory of ${name} grows`);
      if (rested[name].fds > idle[name].fds + 2) soak.failures.push(`${name} leaks descriptors`);
    }
    await soak.check();
  } finally {
    await soak.fleet.end();
  }
  for (const failure of soak.failures) console.log(`FAILED: ${failure}`);
  writeFileSync(1, soak.failures.length === 0 ? 'soaked: nothing was left behind\n' : '');
  return soak.failures.length === 0 ? 0 : 1;
}

async function soakCluster(): Promise<number> {
  console.log(`seed ${SEED}`);
  const soak = await ClusterSoak.open(SEED);
  try {
    const wrong = await soak.workFor(MINUTES);
    console.log(`done: ${JSON.stringify(soak.done)}`);
    for (const one of wrong) console.log(`FAILED: ${one}`);
    if (wrong.length === 0) console.log('soaked: every promise was kept');
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await soak.end();
  }
}

(IS_CLUSTER ? soakCluster() : main()).then((status) => {
  process.exitCode = status;
});
