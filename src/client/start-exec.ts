import { FleetError } from '../protocol/errors.ts';
import { randomBytes } from '../system/random.ts';
import { named } from './app-client.ts';
import { withCommit } from './deploy.ts';
import { RunningExec } from './exec.ts';
import type { Link } from './link.ts';
import { demandChecked, type Run } from './run-params.ts';
import { lostDrones, selectDrones } from './select.ts';
import type { AppRun, DroneEntry, ExecOptions, Execution, RunInAppOptions } from './types.ts';

/** Starts a command on drones. As {@link Client.exec}. */
export async function startExec(link: Link, options: ExecOptions, run: Run): Promise<Execution> {
  const { stdin, cwd, single, terminal = null } = options;
  const { drones } = run.params;
  if ((single || terminal) && drones && drones.length > 1) {
    const what = terminal ? 'a terminal' : '--raw';
    throw new FleetError('EUSAGE', `${what} is for a single drone; these are: ${drones.join(', ')}`);
  }
  if (terminal) await link.demand('terminals', 'makes no terminals');
  if (stdin && drones && drones.length > 1)
    await link.demand('input-for-all', 'sends input to a single drone only; -n sends none');
  const params = { ...run.params, cwd: cwd ?? null, stdin: stdin !== undefined, terminal };
  return start(link, params, run.absent, options, async () => {
    const { result } = await link.callOnce('exec.start', params);
    await demandChecked(link, run, result.drones);
    return result;
  });
}

/** Starts a command of an app. As {@link Client.run}. */
export async function startRun(link: Link, options: RunInAppOptions, known: DroneEntry[]): Promise<AppRun> {
  const { command, env, service = null, stage = null, stdin, terminal = null } = options;
  if (command.length === 0 || command[0] === '')
    throw new FleetError('EUSAGE', 'say which command to run, after --');
  await link.demand('app-execs', 'does not know of fleet run');
  const selectors = options.drones?.length ? options.drones : null;
  const drones = selectors && selectDrones(selectors, known);
  if (drones && drones.length > 1)
    throw new FleetError('EUSAGE', `run is for a single drone; these are: ${drones.join(', ')}`);
  const key = randomBytes(16).toString('hex');
  const streams = { stdin: stdin !== undefined, terminal };
  const params = { key, command, env, service, stage, drones, ...streams };
  let why: string | null = null;
  const call = async (of: { repo: string; commit?: string }) => {
    const { result } = await link.callOnce('app.run', { ...params, ...of });
    why = result.why;
    return result;
  };
  const exec = await start(link, params, lostDrones(selectors ?? [], known), options, async () => {
    if (options.commit === undefined) return call({ repo: (await named(options)).repo });
    return (await withCommit(link, options, call)).answer;
  });
  return Object.assign(exec, { unprepared: why });
}

async function start(
  link: Link,
  { key }: { key: string },
  absent: Record<string, number>,
  { stdin }: Pick<ExecOptions, 'stdin'>,
  call: () => Promise<Parameters<RunningExec['started']>[0]>,
): Promise<RunningExec> {
  const exec = new RunningExec(link, key, absent);
  try {
    exec.started(await call());
  } catch (error) {
    exec.abandon();
    throw error;
  }
  // The process may end before its input.
  if (stdin) exec.forward(stdin).catch(() => {});
  return exec;
}
