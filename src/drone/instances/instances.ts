import { EventEmitter } from 'node:events';
import { messageOf } from '../../protocol/errors.ts';
import type { InstanceSpec } from '../../protocol/instance.ts';
import type { ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { environmentOf, workingDirectoryOf } from '../../system/procfs.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import { check } from './check.ts';
import { elsewhereText } from './elsewhere.ts';
import { afterCheck, type Health, isToRestart, nextCheckMs, UNCHECKED } from './health.ts';
import type { PortRange } from './next-port.ts';
import { DEFAULT_PORTS, Ports } from './ports.ts';
import { UsageWatch } from './usage-watch.ts';

const MIB = 1024 ** 2;
/** Looks five seconds apart: so it was more for ten seconds. */
const LOOKS_OVER_LIMIT = 2;
const GIVEN_UP = 'has ended too often; fleet restart tries again';

/** One run of an instance, and what is known of its health. */
interface Watched {
  pid: number;
  spec: InstanceSpec;
  name: string;
  health: Health;
  timer: NodeJS.Timeout | undefined;
  /** Looks in a row at which it used too much memory. */
  timesOver: number;
}

export interface InstancesOptions {
  dir: string;
  supervisor: Pick<Supervisor, 'spawn' | 'reports' | 'specOf' | 'restart'>;
  /** Default: 20000 to 29999. */
  ports: PortRange | undefined;
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
  private readonly watched = new Map<string, Watched>();
  private readonly ports: Ports;
  private readonly usage: UsageWatch;

  constructor(private readonly options: InstancesOptions) {
    super();
    this.ports = new Ports({
      dir: options.dir,
      range: options.ports ?? DEFAULT_PORTS,
      given: () => options.supervisor.reports().flatMap(({ instance }) => instance?.port ?? []),
      problem: (line) => this.emit('problem', line),
    });
    this.usage = new UsageWatch({ reports: () => options.supervisor.reports() });
    this.usage.on('measured', (notable) => this.measured(notable));
  }

  /** Starts a process and keeps it running; an instance that is served gets its port first. As `Supervisor.spawn`, and ELIMIT. */
  async spawn({ instance, ...spec }: ProcessSpec): Promise<string> {
    const { supervisor } = this.options;
    if (!instance) return supervisor.spawn(spec);
    if (!instance.served || instance.port !== null) return supervisor.spawn({ ...spec, instance });
    const port = this.ports.give();
    try {
      return await supervisor.spawn({ ...spec, instance: { ...instance, port } });
    } finally {
      this.ports.settle(port);
    }
  }

  /** Watches what the previous drone has left. */
  adopt(): void {
    for (const report of this.options.supervisor.reports()) this.follow(report);
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
    const { state, why } = watched.health;
    return { ...used, instance: { ...instance, state, why } };
  }

  /** A process has been reported: its run, if it has begun or ended, is watched from now on, or no longer. */
  follow(report: ProcessReport): void {
    const { id, pid, status } = report;
    const before = this.watched.get(id);
    if (before?.pid === pid && status === 'running') return;
    this.forget(id);
    const spec = this.options.supervisor.specOf(id)?.instance;
    if (!spec || pid === null || status !== 'running') return;
    const name = `${spec.service}.${spec.slot}`;
    const watched: Watched = { pid, spec, name, health: UNCHECKED, timer: undefined, timesOver: 0 };
    this.watched.set(id, watched);
    if (spec.served) this.lookSoon(id, watched, 0);
    else this.upSoon(id, watched, Math.max(0, spec.stableMs - report.uptime));
  }

  forget(id: string): void {
    const watched = this.watched.get(id);
    if (watched?.spec.port != null) this.ports.release(watched.spec.port);
    clearTimeout(watched?.timer);
    this.watched.delete(id);
  }

  close(): void {
    this.usage.close();
    for (const id of this.watched.keys()) this.forget(id);
  }

  /** Tells what has changed, and restarts what has used too much memory for two looks in a row. */
  private measured(notable: readonly string[]): void {
    for (const [id, watched] of this.watched) {
      const limit = watched.spec.memoryBytes;
      const { memory = 0 } = this.usage.of(id, watched.pid) ?? {};
      watched.timesOver = limit !== null && memory > limit ? watched.timesOver + 1 : 0;
      if (watched.timesOver <= LOOKS_OVER_LIMIT) continue;
      watched.timesOver = 0;
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

  private upSoon(id: string, watched: Watched, inMs: number): void {
    watched.timer = setTimeout(() => this.set(id, watched, { ...UNCHECKED, state: 'up' }), inMs).unref();
  }

  private lookSoon(id: string, watched: Watched, inMs: number): void {
    watched.timer = setTimeout(() => void this.look(id, watched), inMs).unref();
  }

  private async look(id: string, watched: Watched): Promise<void> {
    const { spec, pid } = watched;
    const { port, health } = spec;
    if (port === null || health === null) return;
    const env = health.command === null ? {} : environmentOf(pid);
    const why = await check({ port, health, cwd: workingDirectoryOf(pid) ?? '/', env });
    if (this.watched.get(id) !== watched) return;
    const now = performance.now();
    const explained = why === null ? null : (elsewhereText(watched.name, port, pid) ?? why);
    const after = afterCheck(watched.health, explained, now);
    this.set(id, watched, after);
    if (isToRestart(after, spec, now)) this.restart(id, watched, after.why ?? 'fails its check');
    else this.lookSoon(id, watched, nextCheckMs(after, spec));
  }

  private restart(id: string, { spec, name }: Watched, why: string): void {
    this.emit('problem', `${name} is restarted: it ${why}`);
    const failed = (error: unknown) => this.emit('problem', messageOf(error));
    this.options.supervisor.restart([id], spec.graceMs).catch(failed);
  }

  private set(id: string, watched: Watched, health: Health): void {
    const { state, why } = watched.health;
    watched.health = health;
    if (state === 'starting' && watched.spec.port !== null) this.ports.release(watched.spec.port);
    if (health.state === state && health.why === why) return;
    const report = this.options.supervisor.reports().find((one) => one.id === id);
    if (report) this.emit('changed', this.complete(report));
  }
}
