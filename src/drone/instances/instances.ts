import { EventEmitter } from 'node:events';
import { FleetError } from '../../protocol/errors.ts';
import type { ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import type { Starts } from '../processes/hooks/starts.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import { found, UNCHECKED } from './health.ts';
import type { PortRange } from './next-port.ts';
import { DEFAULT_PORTS, Ports } from './ports.ts';
import { UsageWatch } from './usage-watch.ts';
import { portOf, wantsPort, withPort } from './wanted-port.ts';
import { Watch } from './watch.ts';

/** Ports that are tried for an instance, one after the other. */
const MAX_PORTS_TRIED = 5;

const MIB = 1024 ** 2;
/** Looks five seconds apart: so it was more for ten seconds. */
const LOOKS_OVER_LIMIT = 2;
/** A hub that is there has ordered a restart by then, unless others have to be ready before. */
const RESTART_ALONE_AFTER_MS = 60_000;
const GIVEN_UP = 'has ended too often; fleet restart tries again';

export interface InstancesOptions {
  dir: string;
  supervisor: Pick<Supervisor, 'spawn' | 'reports' | 'specOf' | 'restart' | 'restartWhys'>;
  /** Default: 20000 to 29999. */
  ports: PortRange | undefined;
  starts: Pick<Starts, 'forCheck'>;
  restartAloneAfterMs?: number;
  /** Default: one that looks at the supervisor's processes. */
  usage?: UsageWatch;
}

interface InstancesEvents {
  /** The health of an instance has changed. */
  changed: [ProcessReport];
  problem: [string];
}

/**
 * The processes that are instances of services: each gets its port, and its health is watched, also while the hub is
 * away.
 */
export class Instances extends EventEmitter<InstancesEvents> {
  private readonly watched = new Map<string, Watch>();
  /** For each, looks in a row at which it used too much memory. */
  private readonly timesOver = new Map<string, number>();
  /** Why instances are to be restarted, and the timers of those that the hub has not restarted until then. */
  private readonly wanted = new Map<string, { why: string; timer: NodeJS.Timeout }>();
  private readonly ports: Ports;
  private readonly usage: UsageWatch;

  constructor(private readonly options: InstancesOptions) {
    super();
    this.ports = new Ports({
      dir: options.dir,
      range: options.ports ?? DEFAULT_PORTS,
      given: () => options.supervisor.reports().flatMap((report) => portOf(report) ?? []),
      problem: (line) => this.emit('problem', line),
    });
    this.usage = options.usage ?? new UsageWatch({ reports: () => options.supervisor.reports() });
    this.usage.on('measured', (notable) => this.measured(notable));
  }

  /** Starts a process and keeps it running; if it is to have a port, it gets that first. As `Supervisor.spawn`, and ELIMIT. */
  async spawn(spec: ProcessSpec): Promise<string> {
    const { supervisor } = this.options;
    if (!wantsPort(spec)) return supervisor.spawn(spec);
    for (let tries = 1; ; tries++) {
      const port = this.ports.give();
      try {
        return await supervisor.spawn(withPort(spec, port));
      } catch (error) {
        // Somebody else was quicker.
        const isTaken = error instanceof FleetError && error.code === 'EINUSE';
        if (!isTaken || tries === MAX_PORTS_TRIED) throw error;
      } finally {
        this.ports.settle(port);
      }
    }
  }

  /** Watches what the previous drone has left. */
  adopt(): void {
    for (const report of this.options.supervisor.reports()) this.begin(report, found);
    this.usage.start();
  }

  reports(): ProcessReport[] {
    return this.options.supervisor.reports().map((report) => this.complete(report));
  }

  /** Returns a report with what is known of the instance's health. */
  complete(report: ProcessReport): ProcessReport {
    const { instance, id, pid, status } = report;
    const used = { ...report, ...this.usage.of(id, pid) };
    if (!instance) return used;
    if (status === 'given up')
      return { ...used, instance: { ...instance, state: 'given-up', why: GIVEN_UP } };
    const watched = this.watched.get(id);
    if (watched?.pid !== pid || status !== 'running') return used;
    const { state, why } = watched;
    const restart = this.wanted.get(id)?.why;
    return { ...used, instance: { ...instance, state, why, ...(restart !== undefined && { restart }) } };
  }

  /** A process has been reported: its run, if it has begun or ended, is watched from now on, or no longer. */
  follow(report: ProcessReport): void {
    const { id, pid, status } = report;
    const before = this.watched.get(id);
    if (before?.pid === pid && status === 'running') return;
    this.forget(id);
    this.begin(report, () => UNCHECKED);
  }

  forget(id: string): void {
    const watched = this.watched.get(id);
    if (watched?.spec.port != null) this.ports.release(watched.spec.port);
    watched?.close();
    this.watched.delete(id);
    this.timesOver.delete(id);
    clearTimeout(this.wanted.get(id)?.timer);
    this.drop(id);
  }

  close(): void {
    this.usage.close();
    for (const id of this.watched.keys()) this.forget(id);
  }

  private begin({ id, pid, status, uptime }: ProcessReport, assumed: typeof found): void {
    const process = this.options.supervisor.specOf(id);
    const spec = process?.instance;
    const health = spec && pid !== null && status === 'running' ? assumed(spec, uptime) : null;
    const port = process ? portOf(process) : null;
    // Until it listens, other drones do not see that the port is taken.
    if (port !== null && health?.state !== 'ready') this.ports.hold(port);
    if (!spec || !health || pid === null) return;
    const watch = new Watch({
      ...{ id, pid, spec, uptime, starts: this.options.starts, health },
      changed: () => this.changed(id, watch),
      failed: (why) => this.restart(id, watch, why),
    });
    this.watched.set(id, watch);
    watch.start();
  }

  /** Tells what has changed, and restarts what has used too much memory for two looks in a row. */
  private measured(notable: readonly string[]): void {
    for (const [id, watched] of this.watched) {
      const limit = watched.spec.memoryBytes;
      const { memory = 0 } = this.usage.of(id, watched.pid) ?? {};
      const timesOver = limit !== null && memory > limit ? (this.timesOver.get(id) ?? 0) + 1 : 0;
      this.timesOver.set(id, timesOver);
      if (timesOver <= LOOKS_OVER_LIMIT) continue;
      this.timesOver.set(id, 0);
      this.restart(
        id,
        watched,
        `uses ${Math.round(memory / MIB)}M of memory, more than ${Math.round((limit ?? 0) / MIB)}M`,
      );
    }
    const ids = new Set(notable);
    for (const report of this.options.supervisor.reports())
      if (ids.has(report.id)) this.emit('changed', this.complete(report));
  }

  /** The hub restarts it, never too many of a service at a time; its drone does if the hub is away, or does not. */
  private restart(id: string, { spec, name }: Watch, why: string): void {
    if (this.wanted.has(id)) return;
    this.emit('problem', `${name} is to be restarted: it ${why}`);
    const timer = setTimeout(() => {
      void this.options.supervisor.restart([id], spec.graceMs).then(({ errors }) => {
        const { [id]: error } = errors;
        if (!error) return;
        this.drop(id);
        this.emit('problem', `${name} was not restarted: ${error.message}`);
      });
    }, this.options.restartAloneAfterMs ?? RESTART_ALONE_AFTER_MS).unref();
    this.wanted.set(id, { why, timer });
    this.options.supervisor.restartWhys.set(id, `it ${why}`);
    this.tell(id);
  }

  private drop(id: string): void {
    this.wanted.delete(id);
    this.options.supervisor.restartWhys.delete(id);
  }

  private changed(id: string, { spec, state }: Watch): void {
    // Whoever listens on it is seen by other drones from now on.
    if (state !== 'starting' && spec.port !== null) this.ports.release(spec.port);
    this.tell(id);
  }

  private tell(id: string): void {
    const report = this.options.supervisor.reports().find((one) => one.id === id);
    if (report) this.emit('changed', this.complete(report));
  }
}
