import type { LogInfo } from '../protocol/answers.ts';
import type { CheckedClientAnswers } from '../protocol/client-calls.ts';
import { fromWire } from '../protocol/errors.ts';
import { DEFAULT_GRACE_MS } from '../protocol/limits.ts';
import type { DroneStatus } from '../protocol/process.ts';
import { AdminCalls } from './admin-calls.ts';
import { deploy } from './deploy.ts';
import { demandServices, filtered } from './filter.ts';
import { Link } from './link.ts';
import { logs } from './logs.ts';
import { monitor } from './monitor.ts';
import { ofService } from './of-service.ts';
import { psPages } from './ps.ts';
import { demandChecked, runOf } from './run-params.ts';
import { matcher, parseProcess, selectDrones, selectionOf, selectKnownDrones } from './select.ts';
import { untilStable } from './stability.ts';
import { startExec, startRun } from './start-exec.ts';
import type {
  AppRun,
  Client,
  ConnectOptions,
  DeployOptions,
  DeployResult,
  DroneEntry,
  DroneSelector,
  ExecOptions,
  Execution,
  LogItem,
  LogsOptions,
  MonitorItem,
  MonitorOptions,
  NotStable,
  ProcessFilter,
  ProcessSelector,
  RestartOptions,
  RunInAppOptions,
  SpawnOptions,
  SpawnResult,
  StopOptions,
  StopReport,
} from './types.ts';

/** Connects to a hub. Throws ECONNECT, EAUTH, EFORBIDDEN, ETIMEOUT, or EUSAGE if the address is not one. */
export async function connect(options: ConnectOptions): Promise<Client> {
  const link = new Link(options);
  await link.connect();
  return new HubClient(link);
}

/** Implements {@link Client}, where each method is described. */
class HubClient extends AdminCalls implements Client {
  async drones(): Promise<DroneEntry[]> {
    return (await this.link.call('drones', {})).result.drones;
  }

  async ps(filter: ProcessFilter = {}): Promise<Record<string, DroneStatus>> {
    const names = filter.drones ? selectKnownDrones(filter.drones, await this.drones()) : null;
    await demandServices(this.link, filter);
    return filtered(await psPages(this.link, selectionOf(filter, names)), filter, names);
  }

  deploy(options: DeployOptions = {}): Promise<DeployResult> {
    return deploy(this.link, options);
  }

  async spawn(options: SpawnOptions): Promise<SpawnResult> {
    const { cwd = null, port = null } = options;
    const run = await runOf(this.link, options);
    if (cwd !== null || port !== null) await this.link.demand('places', 'does not know of --cwd and --port');
    const { result } = await this.link.call('spawn', { ...run.params, cwd, port });
    await demandChecked(this.link, run, result.drones);
    return startedOf(result, run.absent);
  }

  untilStable(processes: ProcessSelector[], ms: number): Promise<Record<string, NotStable>> {
    return untilStable(this.link, processes, ms, () => this.ps({ ids: processes }));
  }

  async exec(options: ExecOptions): Promise<Execution> {
    return startExec(this.link, options, await runOf(this.link, options));
  }

  async run(options: RunInAppOptions): Promise<AppRun> {
    return startRun(this.link, options, options.drones?.length ? await this.drones() : []);
  }

  stop(which: ProcessSelector[] | ProcessFilter, options: StopOptions = {}): Promise<StopReport> {
    return this.end('stop', which, options);
  }

  async restart(which: ProcessSelector[] | ProcessFilter, options: RestartOptions = {}): Promise<StopReport> {
    const { env = {} } = options;
    if (Object.keys(env).length > 0)
      await this.link.demand('restart-env', 'restarts processes only as they are');
    return this.end('restart', which, options);
  }

  async find(filter: ProcessFilter): Promise<ProcessSelector[]> {
    const found = Object.entries(await this.ps(filter));
    return found.flatMap(([drone, { processes }]) => Object.keys(processes).map((id) => `${drone}#${id}`));
  }

  async *monitor({ drones, signal, ...filter }: MonitorOptions = {}): AsyncGenerator<MonitorItem, void> {
    const names = drones ? selectDrones(drones, await this.drones()) : null;
    await demandServices(this.link, filter);
    const items = monitor(this.link, { drones: names, signal });
    const isOfAll = Object.values(filter).every((given) => given === undefined);
    yield* isOfAll ? items : ofService(items, () => this.find(filter));
  }

  async *logs(options: LogsOptions = {}): AsyncGenerator<LogItem, void> {
    yield* logs(this.link, options);
  }

  async logList(drones?: DroneSelector[]): Promise<Record<string, LogInfo[]>> {
    const known = drones ? await this.drones() : [];
    const names = new Set(drones?.flatMap((one) => known.filter(matcher(one)).map(({ name }) => name)));
    const { result } = await this.link.call('logs.list', { drones: null });
    const entries = Object.entries(result.drones).flatMap(([name, list]) =>
      Array.isArray(list) && (!drones || names.has(name)) ? [[name, list] as const] : [],
    );
    return Object.fromEntries(entries);
  }

  close(): void {
    this.link.close();
  }

  private async end(
    how: 'stop' | 'restart',
    which: ProcessSelector[] | ProcessFilter,
    { grace = DEFAULT_GRACE_MS, force, env }: RestartOptions,
  ): Promise<StopReport> {
    const filter = Array.isArray(which) ? { ids: which } : which;
    const names = filter.drones ? selectKnownDrones(filter.drones, await this.drones()) : null;
    await demandServices(this.link, filter);
    const select = selectionOf(filter, names);
    // A hub of fleet 1.0 selects by ids alone.
    const isByIds = names === null && filter.repo === undefined && filter.commit === undefined;
    const canSelect = (await this.link.features()).has('selections');
    const ids = canSelect || (isByIds && filter.ids) ? (filter.ids ?? []) : await this.find(filter);
    const params = {
      select,
      processes: ids.map(parseProcess),
      grace,
      ...(force && { force }),
      ...(env && { env }),
    };
    const { result } = await this.link.call(how, params, { again: true });
    const drones = Object.entries(result.drones).map(([name, { stopped, killed, errors }]) => {
      const failed = Object.entries(errors).map(([id, error]) => [id, fromWire(error)] as const);
      return [name, { stopped, killed, errors: Object.fromEntries(failed) }] as const;
    });
    return {
      drones: Object.fromEntries(drones.sort(([a], [b]) => (a < b ? -1 : 1))),
      unknown: result.unknown,
      absent: result.absent,
      leftAlone: result.leftAlone,
    };
  }
}

function startedOf({ drones }: CheckedClientAnswers['spawn'], absent: Record<string, number>): SpawnResult {
  const entries = Object.entries(drones).sort(([a], [b]) => (a < b ? -1 : 1));
  const started = entries.map(
    ([name, { id, port = null, error }]) => [name, { id, port, error: error && fromWire(error) }] as const,
  );
  return { drones: Object.fromEntries(started), absent };
}
