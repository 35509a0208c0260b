import type { Client, ProcessFilter, RestartOptions, StopReport } from '../client/types.ts';
import { stageOption } from '../protocol/app-names.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { DEFAULT_GRACE_MS } from '../protocol/limits.ts';
import { noteAbsent } from './absent.ts';
import type { Arguments } from './arguments.ts';
import { checkIds, noteMissing } from './ids.ts';
import { note, type Output, type Surroundings, say } from './io.ts';
import { formatDuration, parseWait } from './quantity.ts';
import { filterOf } from './selection.ts';
import type { Target } from './target.ts';

/** What became of the processes of one drone. */
type Ended = StopReport['drones'][string];

/** One of the two ways to end processes. */
export interface Ending {
  name: 'stop' | 'restart';
  /** What is said of the processes afterwards. */
  past: string;
  request(client: Client, filter: ProcessFilter, options: RestartOptions): Promise<StopReport>;
  /** Returns the processes of which `past` is true. */
  done(ended: Ended): string[];
}

export const STOP: Ending = {
  name: 'stop',
  past: 'stopped',
  request: (client, filter, options) => client.stop(filter, options),
  done: ({ stopped }) => stopped,
};

/** A process that had to be killed was restarted too. */
export const RESTART: Ending = {
  name: 'restart',
  past: 'restarted',
  request: (client, filter, options) => client.restart(filter, options),
  done: ({ stopped, killed }) => [...stopped, ...killed],
};

/** Ends the processes that the arguments select, and prints what became of them. Returns the exit status. */
export async function endProcesses(
  ending: Ending,
  client: Client,
  args: Arguments,
  io: Output & Surroundings,
  target: Pick<Target, 'repo'>,
): Promise<number> {
  const grace = graceOf(args);
  await checkIds(ending.name, args.words, client);
  const report = await ending.request(client, await filterOf(args, target, io), {
    grace,
    ...(args.has('force') && { force: true }),
    ...(args.has('env') && { env: args.pairs('env') }),
  });
  const isNothing = [report.drones, report.unknown, report.absent, report.leftAlone].every(
    (some) => Object.keys(some).length === 0,
  );
  if (isNothing) {
    throw new FleetError(
      'ENOPROCESS',
      `nothing to ${ending.name}: no process matches; fleet ps lists what runs`,
    );
  }
  return reportEnds(ending, report, grace, io);
}

/** Returns `--grace` in milliseconds. Throws EUSAGE. */
export function graceOf(args: Arguments): number {
  const given = args.text('grace');
  return given === undefined ? DEFAULT_GRACE_MS : parseWait(given, 'grace');
}

/** Prints what became of the processes, and returns the exit status. */
export function reportEnds(ending: Ending, report: StopReport, grace: number, io: Output): number {
  let failed = report.unknown.length > 0 || Object.keys(report.absent).length > 0;
  for (const [drone, ended] of Object.entries(report.drones)) {
    const done = ending.done(ended);
    if (ended.killed.length > 0)
      say(io, `[${drone}] killed ${ended.killed.join(' ')} (did not end within ${formatDuration(grace)})`);
    if (done.length > 0) say(io, `[${drone}] ${ending.past} ${done.join(' ')}`);
    for (const [id, error] of Object.entries(ended.errors)) {
      failed = true;
      const prefix = error.code === 'EINSTANCE' ? 'fleet:' : `[${drone}#${id}]`;
      note(io, `${prefix} ${messageOf(error)}`);
    }
  }
  noteAbsent(report.absent, `its processes were not ${ending.past}`, io);
  for (const [app, count] of Object.entries(report.leftAlone)) note(io, leftAloneText(ending, app, count));
  noteMissing(report.unknown, io);
  return failed ? 1 : 0;
}

/** Returns `left alone: 4 of webapp; fleet down stops them`. */
function leftAloneText({ name }: Ending, app: string, count: number): string {
  const as = stageOption(app);
  const way = name === 'stop' ? `fleet down${as} stops` : `fleet restart${as} --service=NAME restarts`;
  return `left alone: ${count} of ${app}; ${way} them`;
}
