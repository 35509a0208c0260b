import { randomBytes } from 'node:crypto';
import type { ClientAnswers, LogInfo } from '../protocol/answers.ts';
import { FleetError, fromWire } from '../protocol/errors.ts';
import { DEFAULT_GRACE } from '../protocol/limits.ts';
import type { DroneStatus } from '../protocol/process.ts';
import { deploy, resolveRelease } from './deploy.ts';
import { listenEarly, RunningExec } from './exec.ts';
import { Link } from './link.ts';
import { logs } from './logs.ts';
import { monitor } from './monitor.ts';
import { matcher, parseProcess, selectDrones } from './select.ts';
import type {
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
  ProcessFilter,
  ProcessSelector,
  RunOptions,
  SpawnResult,
  StopOptions,
  StopReport,
  TokenOptions,
} from './types.ts';

/** Connects to a hub. ECONNECT, EAUTH, EFORBIDDEN, ETIMEOUT, EUSAGE for an address that is none. */
export async function connect(options: ConnectOptions): Promise<Client> {
  const link = new Link(options);
  await link.connect();
  return new HubClient(link);
}

/** See {@link Client}, which says what each method gives. */
class HubClient implements Client {
  constructor(private readonly link: Link) {}

  async drones(): Promise<DroneEntry[]> {
    return (await this.link.call('drones', {})).result.drones;
  }

  async ps(): Promise<Record<string, DroneStatus>> {
    return (await this.link.call('ps', {})).result.drones;
  }

  deploy(options: DeployOptions = {}): Promise<DeployResult> {
    return deploy(this.link, options);
  }

  async spawn(options: RunOptions): Promise<SpawnResult> {
    const { result } = await this.link.call('spawn', await this.runParams(options));
    return startedOf(result);
  }

  async exec(options: ExecOptions): Promise<Execution> {
    const { stdin, cwd } = options;
    const params = { ...(await this.runParams(options)), cwd: cwd ?? null, stdin: stdin !== undefined };
    const early = listenEarly(this.link);
    const { result } = await this.link.callOnce('exec.start', params).finally(early);
    const { drones } = startedOf(result);
    const started = Object.entries(drones).filter(([, { error }]) => !error);
    const processes = started.map(([drone, { id }]) => ({ drone, id }));
    const failed = Object.entries(drones).flatMap(([drone, { error }]) => (error ? [{ drone, error }] : []));
    const exec = new RunningExec(this.link, processes, failed, early());
    if (stdin && started.length === 1) exec.forward(stdin).catch(() => {}); // The process may end before its input.
    return exec;
  }

  stop(ids: ProcessSelector[], options: StopOptions = {}): Promise<StopReport> {
    return this.end('stop', ids, options);
  }

  restart(ids: ProcessSelector[], options: StopOptions = {}): Promise<StopReport> {
    return this.end('restart', ids, options);
  }

  async find(filter: ProcessFilter): Promise<ProcessSelector[]> {
    const drones = await this.ps();
    const entries = Object.entries(drones).map(([name, { lost }]) => ({ name, lost }));
    const names = filter.drones ? selectDrones(filter.drones, entries) : entries.map(({ name }) => name);
    const found = names.flatMap((name) =>
      Object.entries(drones[name]?.processes ?? {})
        .filter(([, { repo }]) => filter.repo === undefined || repo === filter.repo)
        .filter(([, { commit }]) => filter.commit === undefined || commit.startsWith(filter.commit))
        .map(([id]) => `${name}#${id}`),
    );
    if (!filter.ids) return found;
    const wanted = filter.ids.map(parseProcess);
    return found.filter((one) => {
      const { drone, id } = parseProcess(one);
      return wanted.some((want) => want.id === id && (want.drone === null || want.drone === drone));
    });
  }

  async *monitor(
    options: { drones?: DroneSelector[]; signal?: AbortSignal } = {},
  ): AsyncGenerator<MonitorItem, void> {
    const names = options.drones ? selectDrones(options.drones, await this.drones()) : null;
    yield* monitor(this.link, names, options.signal);
  }

  async *logs(options: LogsOptions = {}): AsyncGenerator<LogItem, void> {
    yield* logs(this.link, options);
  }

  async logList(drones?: DroneSelector[]): Promise<Record<string, LogInfo[]>> {
    const matches = drones?.map(matcher);
    const { result } = await this.link.call('logs.list', { drones: null });
    const entries = Object.entries(result.drones).flatMap(([name, list]) =>
      Array.isArray(list) && (!matches || matches.some((match) => match(name)))
        ? [[name, list] as const]
        : [],
    );
    return Object.fromEntries(entries);
  }

  async tokenCreate({ name, can, repo, lifetime }: TokenOptions): Promise<string> {
    const params = { name, can, repo: repo ?? null, lifetime: lifetime ?? null };
    return (await this.link.callOnce('token.create', params)).result.token;
  }

  async tokenList(): Promise<ClientAnswers['token.list']['tokens']> {
    return (await this.link.call('token.list', {})).result.tokens;
  }

  async tokenRemove(name: string): Promise<void> {
    await this.link.callOnce('token.remove', { name });
  }

  async audit(count: number): Promise<ClientAnswers['audit']['entries']> {
    return (await this.link.call('audit', { count })).result.entries;
  }

  close(): void {
    this.link.close();
  }

  private async runParams(options: RunOptions) {
    const { command, env } = options;
    if (command.length === 0 || command[0] === '')
      throw new FleetError('EUSAGE', 'say which command to run, after --');
    const { repo, commit } = await resolveRelease(options);
    const drones = options.drones?.length ? selectDrones(options.drones, await this.drones()) : null;
    return { key: randomBytes(16).toString('hex'), repo, commit, command, env: env ?? {}, drones };
  }

  private async end(
    how: 'stop' | 'restart',
    ids: ProcessSelector[],
    { grace }: StopOptions,
  ): Promise<StopReport> {
    const processes = ids.map(parseProcess);
    const { result } = await this.link.call(how, { processes, grace: grace ?? DEFAULT_GRACE });
    const drones = Object.entries(result.drones).map(([name, { stopped, killed, errors }]) => {
      const failed = Object.entries(errors).map(([id, error]) => [id, fromWire(error)] as const);
      return [name, { stopped, killed, errors: Object.fromEntries(failed) }] as const;
    });
    return {
      drones: Object.fromEntries(drones.sort(([a], [b]) => (a < b ? -1 : 1))),
      unknown: result.unknown,
    };
  }
}

function startedOf({ drones }: ClientAnswers['spawn']): SpawnResult {
  const entries = Object.entries(drones).sort(([a], [b]) => (a < b ? -1 : 1));
  const started = entries.map(
    ([name, { id, error }]) => [name, { id, error: error && fromWire(error) }] as const,
  );
  return { drones: Object.fromEntries(started) };
}
