import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commit, eventually, headOf } from '../fixtures/local-fleet.ts';
import { SECRET } from '../fixtures/real-fleet.ts';
import { noPowerCuts } from './disk.ts';
import { type Cut, Machines } from './machine.ts';

/** Seconds between an acknowledgement and the cut. */
const AFTER_S = [0, 1, 7, 20];

/** What was acknowledged so far. */
interface Promised {
  commits: Record<string, Record<string, string>>;
  running: string[];
  stopped: string[];
  tokens: string[];
  live: string | null;
}

test('what was acknowledged is there after a power cut, and nothing is damaged', {
  skip: noPowerCuts(),
  timeout: 900_000,
}, async (t) => {
  const machines = new Machines();
  t.after(() => machines.end());
  await machines.startAll();
  const app = await machines.app('webapp', filesOf(1));
  const told = new Teller(machines, app);
  const cuts: { name: string; cut: Cut; promised: Promised }[] = [];
  for (const [name, act] of Object.entries(told.acts)) {
    await act();
    const acknowledged = performance.now();
    for (const seconds of AFTER_S) {
      await sleep(Math.max(0, acknowledged + seconds * 1000 - performance.now()));
      cuts.push({ name: `${seconds} s after ${name}`, cut: machines.cut(), promised: told.promised() });
    }
  }
  for (const { name, cut, promised } of cuts)
    await t.test(name, async () => {
      await machines.restore(cut);
      await new Witness(machines, app).holds(promised);
    });
});

/** Gives orders, and remembers what was acknowledged. */
class Teller {
  private readonly commits: Promised['commits'] = {};
  private running: string[] = [];
  private readonly stopped: string[] = [];
  private readonly tokens: string[] = [];
  private live: string | null = null;

  constructor(
    private readonly machines: Machines,
    private readonly app: string,
  ) {}

  readonly acts: Record<string, () => Promise<void>> = {
    'the first deploy': () => this.deploy(filesOf(1)),
    'a deploy': async () => {
      commit(this.app, filesOf(2));
      await this.deploy(filesOf(2));
    },
    'a spawn': async () => {
      const spawn = () => this.machines.spawn(this.app, 'web1', 'sleep', '1000');
      this.running = [await spawn(), await spawn()];
    },
    'a stop': async () => {
      const [id = ''] = this.running.splice(0, 1);
      await this.run('stop', id);
      this.stopped.push(id);
    },
    'a token': async () => {
      this.tokens.push((await this.run('token', 'create', 'ci', '--can=read')).trim());
    },
    'a release': async () => {
      const files = { ...filesOf(3), Procfile: 'worker: sleep 1000\n' };
      const toml =
        '[deploy]\nbuild = "echo built > built.txt"\n[services.worker]\nhealth = { stable = "300ms" }\n';
      commit(this.app, { ...files, 'fleet.toml': toml });
      await this.run('up');
      this.live = headOf(this.app);
      this.commits[this.live] = { ...files, 'built.txt': 'built\n' };
    },
  };

  promised(): Promised {
    return structuredClone({
      commits: this.commits,
      running: this.running,
      stopped: this.stopped,
      tokens: this.tokens,
      live: this.live,
    });
  }

  private async deploy(files: Record<string, string>): Promise<void> {
    await this.run('deploy');
    this.commits[headOf(this.app)] = files;
  }

  private async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.machines.run(args, { cwd: this.app });
    assert.equal(code, 0, stderr);
    return stdout;
  }
}

/** Looks at what is there after a cut. */
class Witness {
  constructor(
    private readonly machines: Machines,
    private readonly app: string,
  ) {}

  async holds({ commits, running, stopped, tokens, live }: Promised): Promise<void> {
    for (const [hash, files] of Object.entries(commits)) await this.hasFiles(hash, files);
    for (const id of running) await this.isRunning(id);
    const { web1 = {} } = await this.machines.ps();
    for (const id of stopped) assert.ok(!(id in web1), `${id} was stopped`);
    for (const token of tokens)
      assert.equal((await this.run(['ps', `--secret=${token}`])).code, 0, 'the token');
    if (live !== null) await eventually(() => this.isLive(live), 'the release is live');
    await this.takesAnotherCommit();
    await this.isCloned();
  }

  /** What a process would find in the checkout is what was committed. */
  private async hasFiles(hash: string, files: Record<string, string>): Promise<void> {
    const where = ['--raw', '--drone=web1', `--commit=${hash}`];
    const { code, stdout, stderr } = await this.run([
      'exec',
      ...where,
      '--',
      'sha1sum',
      ...Object.keys(files),
    ]);
    assert.equal(code, 0, stderr);
    const expected = Object.entries(files).map(
      ([name, text]) => `${createHash('sha1').update(text).digest('hex')}  ${name}\n`,
    );
    assert.equal(stdout, expected.join(''));
  }

  private isRunning(id: string): Promise<unknown> {
    const look = async () => (await this.machines.ps())['web1']?.[id]?.status === 'running';
    return eventually(look, `${id} runs`);
  }

  private async isLive(hash: string): Promise<boolean> {
    const { stdout } = await this.run(['status', '--json']);
    const { state, commit, services } = JSON.parse(stdout) as {
      state: string;
      commit: string;
      services: { worker: { instances: { state: string }[] } };
    };
    const states = services.worker.instances.map((one) => one.state);
    return state === 'live' && commit === hash && states.join() === 'up';
  }

  private async takesAnotherCommit(): Promise<void> {
    commit(this.app, { 'after.txt': randomBytes(8).toString('hex') });
    const { code, stderr } = await this.run(['deploy']);
    assert.equal(code, 0, stderr);
  }

  private async isCloned(): Promise<void> {
    const clone = join(this.machines.dir, 'clone');
    const url = `http://git:${SECRET}@127.0.0.1:${this.machines.gport}/webapp.git`;
    await promisify(execFile)('git', ['clone', '-q', url, clone]);
    await promisify(execFile)('git', ['-C', clone, 'fsck', '--strict']);
    rmSync(clone, { recursive: true });
  }

  private run(args: string[]) {
    return this.machines.run(args, { cwd: this.app });
  }
}

/** Enough files for several blocks and directories, of which a few change from commit to commit. */
function filesOf(version: number): Record<string, string> {
  const some = Array.from({ length: 50 }, (_, at) => [
    `lib/${at % 7}/file${at}.txt`,
    `${at} of all\n`.repeat(50),
  ]);
  return {
    'version.txt': `${version}\n`,
    'large.txt': `${version} `.repeat(100_000),
    ...Object.fromEntries(some),
  };
}
