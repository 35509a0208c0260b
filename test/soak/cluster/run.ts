import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterFleet } from '../../fixtures/cluster-fleet.ts';
import { commit, eventually } from '../../fixtures/local-fleet.ts';
import { SECRET } from '../../fixtures/real-fleet.ts';
import type { Result } from '../../fixtures/running.ts';
import { Faults } from './faults.ts';
import { type ReleaseRecord, type SpawnRecord, type Start, type Testimony, violations } from './history.ts';
import { Random } from './random.ts';

const HUBS = ['h1', 'h2', 'h3'];
const DRONES = ['d1', 'd2', 'd3'];
const INSTANCES = 4;
/** What runs at once that somebody has spawned by hand. */
const MAX_SPAWNED = 20;
const HEALED_WITHIN_MS = 120_000;

/** Each process writes into the journal when it begins, with its pid and when it was started, and then waits for its end. */
const BEGUN = '$$ $(cut -d " " -f 22 /proc/$$/stat)';
const APP = {
  'spawned.sh': `echo "$1 ${BEGUN}" >> "$JOURNAL"; exec sleep 100000`,
  'instance.sh': `echo "$APP/$RELEASE/$SERVICE/$INSTANCE ${BEGUN}" >> "$JOURNAL"; exec sleep 100000`,
  'fleet.toml': `[services.worker]\ncommand = "sh instance.sh"\ncount = ${INSTANCES}\n`,
};

/** Random work at random hubs of a cluster whose parts fail, and what came of it. */
export class ClusterSoak {
  readonly spawns: SpawnRecord[] = [];
  readonly releases: ReleaseRecord[] = [];
  readonly done: Record<string, number> = {};
  private app = '';
  private commits = 0;
  private count = 0;
  private isOver = false;

  private constructor(
    readonly fleet: ClusterFleet,
    private readonly random: Random,
    private readonly faults: Faults,
  ) {}

  static async open(seed: number): Promise<ClusterSoak> {
    const fleet = await ClusterFleet.open(3);
    const soak = new ClusterSoak(fleet, new Random(seed), new Faults(fleet, new Random(seed + 1), DRONES));
    try {
      await soak.start();
      return soak;
    } catch (error) {
      await fleet.end();
      throw error;
    }
  }

  /** Works and fails for so long, heals, and returns what is wrong. */
  async workFor(minutes: number): Promise<string[]> {
    const until = performance.now() + minutes * 60_000;
    const loop = async (step: () => Promise<void>, pauseMs: number) => {
      while (performance.now() < until) {
        await step();
        await sleep(this.random.between(0, 2 * pauseMs));
      }
    };
    await Promise.all([
      loop(() => this.spawn(), 500),
      loop(() => this.stop(), 1_500),
      loop(() => this.release(), 2_000),
      loop(() => this.faults.one(), 4_000),
    ]);
    Object.assign(this.done, this.faults.done);
    return this.judge();
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.fleet.end();
  }

  private get journal(): string {
    return join(this.fleet.dir, 'journal');
  }

  private async start(): Promise<void> {
    const { fleet } = this;
    for (const hub of HUBS) await fleet.clusterHub(hub);
    fleet.use('h1');
    this.app = await fleet.app('webapp', APP);
    for (const drone of DRONES) fleet.clusterDrone(drone);
    await eventually(
      async () => (await this.dronesAt('h3')).length === DRONES.length,
      'all drones are there',
    );
    const set = await this.at('h1', 'env', 'set', `JOURNAL=${this.journal}`);
    const up = await this.at('h1', 'up');
    if (set.code !== 0 || up.code !== 0) throw new Error(`${set.stderr}${up.stderr}`);
  }

  private at(hub: string, ...words: string[]): Promise<Result> {
    return this.run([hub], words);
  }

  /** Runs a command at any hub; every other time, it goes on to another one if that fails. */
  private anywhere(...words: string[]): Promise<Result> {
    return this.run(this.random.pick([[this.random.pick(HUBS)], HUBS]), words);
  }

  private run(hubs: string[], words: string[]): Promise<Result> {
    const addresses = hubs.map((hub) => `127.0.0.1:${this.fleet.hubs.get(hub)?.port}`);
    const end = words.includes('--') ? words.indexOf('--') : words.length;
    const typed = words.toSpliced(end, 0, `--hub=${addresses.join(',')}`, `--secret=${SECRET}`);
    return this.fleet.run(typed, { cwd: this.app });
  }

  private note(what: string, { code }: Result): void {
    const key = `${what}: ${code === 0 ? 'done' : 'failed'}`;
    this.done[key] = (this.done[key] ?? 0) + 1;
  }

  private async spawn(): Promise<void> {
    if (this.spawns.filter(({ id, stopped }) => id && stopped === false).length >= MAX_SPAWNED) return;
    const marker = `s${++this.count}`;
    const record: SpawnRecord = { marker, id: null, stopped: false };
    this.spawns.push(record);
    const where = this.random.pick([[`--drone=${this.random.pick(DRONES)}`], []]);
    const what = [`--env.JOURNAL=${this.journal}`, '--', 'sh', 'spawned.sh', marker];
    const result = await this.anywhere('spawn', ...where, ...what);
    this.note('spawn', result);
    if (result.code === 0) record.id = /^\(spawned [^#]+#([0-9a-f]{6})\)$/m.exec(result.stdout)?.[1] ?? null;
  }

  private async stop(): Promise<void> {
    const known = this.spawns.filter(({ id, stopped }) => id !== null && stopped === false);
    if (known.length === 0) return;
    const record = this.random.pick(known);
    record.stopped = null;
    const result = await this.anywhere('stop', record.id ?? '', '--grace=1s');
    this.note('stop', result);
    if (result.code === 0) record.stopped = true;
  }

  private async release(): Promise<void> {
    const made = commit(this.app, { n: String(++this.commits) });
    const result = await this.anywhere('up', '--wait=2m');
    this.note('up', result);
    const live = /^v(\d+) live/m.exec(result.stdout)?.[1];
    if (result.code === 0 && live) this.releases.push({ release: Number(live), commit: made });
  }

  private async dronesAt(hub: string): Promise<{ name: string; lost: number | null }[]> {
    const { code, stdout } = await this.at(hub, 'drones', '--json');
    const all = code === 0 ? (JSON.parse(stdout) as { name: string; lost: number | null }[]) : [];
    return all.filter(({ lost }) => lost === null);
  }

  private async testimony(hub: string): Promise<Testimony> {
    const [ps, releases] = [
      await this.at(hub, 'ps', '--json'),
      await this.at(hub, 'releases', '--json', '-n', '200'),
    ];
    if (ps.code !== 0 || releases.code !== 0) throw new Error(`${hub}: ${ps.stderr}${releases.stderr}`);
    const drones = JSON.parse(ps.stdout) as Record<string, { processes: Record<string, unknown> }>;
    const known = JSON.parse(releases.stdout) as Testimony['releases'];
    return {
      hub,
      running: Object.fromEntries(
        Object.entries(drones).map(([drone, { processes }]) => [drone, Object.keys(processes)]),
      ),
      releases: known.map(({ release, commit: of, state }) => ({ release, commit: of, state })),
    };
  }

  private starts(): Start[] {
    if (!existsSync(this.journal)) return [];
    return readFileSync(this.journal, 'utf8')
      .split('\n')
      .filter((one) => one !== '')
      .map((one) => {
        const [what = '', pid = '', started = ''] = one.split(' ');
        return { what, process: `${pid} ${started}` };
      });
  }

  /** Waits until all is quiet and healed: what is still wrong then stays wrong. */
  private async judge(): Promise<string[]> {
    const look = async (): Promise<string[]> => {
      try {
        const testimonies = await Promise.all(HUBS.map((hub) => this.testimony(hub)));
        const starts = this.starts();
        const alive = new Set(starts.map(({ process }) => process).filter(isAlive));
        const { spawns, releases } = this;
        return violations({ spawns, releases, starts, alive, testimonies, instances: INSTANCES });
      } catch (error) {
        return [String(error)];
      }
    };
    const until = performance.now() + HEALED_WITHIN_MS;
    for (;;) {
      const wrong = await look();
      if (wrong.length === 0 || performance.now() > until || this.isOver) return wrong;
      await sleep(2_000);
    }
  }
}

/** Returns true if a process runs; false if another one has got its pid since. */
function isAlive(process: string): boolean {
  const [pid, started] = process.split(' ');
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[19] === started;
  } catch {
    return false;
  }
}
