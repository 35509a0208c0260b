import { createHash, randomBytes } from 'node:crypto';
import { reportMachine } from '../../src/drone/machine-reports.ts';
import { serveOrders } from '../../src/drone/orders.ts';
import type { ReleasesOptions } from '../../src/drone/releases/options.ts';
import { Releases } from '../../src/drone/releases/releases.ts';
import { Uplink } from '../../src/drone/uplink.ts';
import { hubRemote } from '../../src/git/remote.ts';
import type { HubTarget } from '../../src/protocol/address.ts';
import type { StopResult } from '../../src/protocol/answers.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import type { Interest } from '../../src/protocol/events.ts';
import type { InstanceReport, InstanceSpec } from '../../src/protocol/instance.ts';
import { newId } from '../../src/protocol/names.ts';
import type { ProcessReport, ProcessSpec } from '../../src/protocol/process.ts';

export interface SimulatedOptions {
  target: HubTarget;
  name: string;
  /** Where it keeps repositories and checkouts; null for one that fetches nothing, and has every commit at once. */
  dir: string | null;
  processes: number;
  /** Called when it has what it missed while it was away. */
  caughtUp(): void;
  /** Runs git work when it is its turn, because all these drones share one machine. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** How long an instance takes until it answers its check. */
const BOOT_MS = 150;
/** A job that costs nothing. */
const DONE = { state: 'ok', why: null, elapsedMs: 0 };
const NO_JOBS: ReleasesOptions['jobs'] = {
  build: nothingHere,
  outcome: nothingHere,
  stateOf: () => null,
  active: () => [],
  has: () => false,
};

/**
 * A drone with the real connection, protocol and checkouts, and simulated processes, which cost nothing, so that a thousand
 * drones fit on one machine.
 */
export class SimulatedDrone {
  readonly uplink: Uplink;
  private readonly reports = new Map<string, ProcessReport>();
  private readonly identity = randomBytes(16).toString('hex');
  private releases: Releases | undefined;
  private wanted: Interest = { all: false, ids: [], repos: [] };
  private written = 0;

  constructor(private readonly options: SimulatedOptions) {
    for (let at = 0; at < options.processes; at++) this.add(simulatedSpec(`${options.name}-${at}`));
    this.uplink = new Uplink({
      credentials: { target: options.target, prove: undefined, joined: () => {} },
      introduce: () => ({
        identity: this.identity,
        name: options.name,
        labels: {},
        address: null,
        processes: [...this.reports.values()],
        jobs: [],
        lags: [],
        fences: {},
      }),
      isBusy: () => false,
      serve: (peer) =>
        serveOrders(peer, {
          supervisor: this,
          spawn: (spec) => this.spawn(spec),
          logs: { list: () => [], read: nothingHere },
          execs: { start: nothingHere, get: () => undefined, abandon: () => {} },
          deploy: ({ repo, commit }) => this.deploy(repo, commit),
          prepare: ({ repo, commit }) => this.deploy(repo, commit).then(() => ({ job: null, why: null })),
          prune: async () => ({ checkouts: [], freed: 0 }),
          forget: async () => ({ checkouts: [], freed: 0 }),
          jobs: { start: ({ id, key, app }) => ({ id, key, app, ...DONE }), end: () => {} },
          fences: { admit: () => {} },
          watch: (interest) => {
            this.wanted = interest;
          },
        }),
    });
    reportMachine(this.uplink, '/');
    this.uplink.on('up', ({ deploy, watch }) => {
      this.wanted = watch;
      const deploys = deploy.map(({ repo, commit }) => this.deploy(repo, commit));
      void Promise.allSettled(deploys).then(() => options.caughtUp());
    });
  }

  async spawn(spec: ProcessSpec): Promise<string> {
    const { id, repo, commit, command } = spec;
    const report = this.add(spec);
    this.uplink.report(report);
    if (report.instance) setTimeout(() => this.boot(report), BOOT_MS);
    this.uplink.event({ type: 'spawned', id, repo, commit, command });
    return id;
  }

  async stop(ids: readonly string[]): Promise<StopResult> {
    for (const id of ids) {
      this.reports.delete(id);
      this.uplink.gone(id);
    }
    return { stopped: [...ids], killed: [], errors: {} };
  }

  specOf(): undefined {}

  restart(): Promise<StopResult> {
    return nothingHere();
  }

  /** Prints lines as one of its processes, if anybody wants them. Returns how many were sent. */
  print(lines: number): number {
    const [report] = this.reports.values();
    if (!report || !this.wanted.all || !this.uplink.peer) return 0;
    const line = `${'a line of output that says what happened and when, as programs do'.padEnd(79)}\n`;
    const body = Buffer.from(line.repeat(lines));
    const { id, repo, commit } = report;
    const from = this.written;
    this.written += body.length;
    const piece = { id, repo, commit, from, to: this.written, time: Date.now(), dropped: 0 };
    this.uplink.notify('output', piece, body);
    return lines;
  }

  private async deploy(repo: string, commit: string): Promise<void> {
    const { dir, inTurn } = this.options;
    if (dir !== null) await inTurn(() => this.releasesIn(dir).bring('whole', repo, commit));
    this.uplink.event({ type: 'deployed', repo, commit });
  }

  private releasesIn(dir: string): Releases {
    this.releases ??= new Releases({
      dir,
      mark: 'swarm',
      hub: () => hubRemote(this.uplink.target),
      fetches: { follow: (_, fetch) => fetch(() => {}) },
      supervisor: { reports: () => [], cleared: Promise.resolve() },
      execs: { size: 0 },
      name: () => this.options.name,
      jobs: NO_JOBS,
      problem: () => {},
    });
    return this.releases;
  }

  /** An instance answers its check. */
  private boot(report: ProcessReport): void {
    const { id, instance } = report;
    if (!instance || !this.reports.has(id)) return;
    const ready: ProcessReport = { ...report, instance: { ...instance, state: 'ready' } };
    this.reports.set(id, ready);
    this.uplink.report(ready);
  }

  private add({ id, key, repo, commit, command, instance }: ProcessSpec): ProcessReport {
    if (this.reports.has(id)) throw new FleetError('EPROTOCOL', `the id ${id} is taken`);
    const report: ProcessReport = {
      ...{ id, key, repo, commit, command, status: 'running', restarts: 0, lastExit: null },
      ...{ uptime: 1000, respawnIn: 0, pid: 1000 },
      ...(instance && { instance: simulatedInstance(instance) }),
    };
    this.reports.set(id, report);
    return report;
  }
}

async function nothingHere(): Promise<never> {
  throw new FleetError('ENOPROCESS', 'a simulated drone has none');
}

function simulatedInstance({ app, service, slot, release }: InstanceSpec): InstanceReport {
  return { app, service, slot, release, port: 20_000, state: 'starting', why: null };
}

const taken = new Set<string>();

function simulatedSpec(seed: string): ProcessSpec {
  const key = createHash('md5').update(seed).digest('hex');
  const id = newId((one) => taken.has(one));
  taken.add(id);
  const command = ['node', 'server.js', '--port', '8080'];
  return {
    id,
    key,
    repo: 'webapp',
    commit: createHash('sha1').update('webapp').digest('hex'),
    command,
    env: {},
  };
}
