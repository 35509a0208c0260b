import type { Client, ProcessFilter, StopReport } from '../client/types.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { DEFAULT_GRACE_MS } from '../protocol/limits.ts';
import { noteAbsent } from './absent.ts';
import type { Arguments } from './arguments.ts';
import { checkIds } from './ids.ts';
import { note, type Output, type Surroundings, say } from './io.ts';
import { formatDuration, parseWait } from './quantity.ts';

/** Returns a commit to filter by. The beginning of a hash is taken as it is; git is asked for anything else. Throws ENOCOMMIT. */
export async function commitFilter(rev: string | undefined, cwd: string): Promise<string | undefined> {
  if (rev === undefined || /^[0-9a-f]{4,40}$/.test(rev)) return rev;
  const { gitRoot, resolveCommit } = await import('../git/checkout-info.ts');
  return resolveCommit(await gitRoot(cwd), rev);
}

/** Throws EUSAGE if nothing says which processes are meant: for the whole fleet, --all is needed. */
export function requireSelection(args: Arguments, name: string): void {
  if (args.words.length > 0 || ['repo', 'commit', 'all'].some((option) => args.has(option))) return;
  const example = args.has('drone') ? `--drone=${args.text('drone')} --all` : 'ID...';
  throw new FleetError('EUSAGE', `say which processes: fleet ${name} ${example}; fleet ps shows their ids`);
}

/** Returns which processes are meant. Throws ENOCOMMIT. */
export async function filterOf(args: Arguments, cwd: string): Promise<ProcessFilter> {
  const { words } = args;
  return {
    ids: words.length > 0 ? words : undefined,
    repo: args.text('repo'),
    commit: await commitFilter(args.text('commit'), cwd),
    drones: args.has('drone') ? args.list('drone') : undefined,
  };
}

/** Returns how many milliseconds `--grace` gives a process to end. Throws EUSAGE. */
export function graceOf(args: Arguments): number {
  const grace = args.text('grace');
  return grace === undefined ? DEFAULT_GRACE_MS : parseWait(grace, 'grace');
}

/** Prints what became of the processes, and returns the exit status. `done` says what was done to them. */
export function reportEnds(
  report: StopReport,
  done: 'stopped' | 'restarted',
  grace: number,
  io: Output,
): number {
  let failed = report.unknown.length > 0 || Object.keys(report.absent).length > 0;
  for (const [drone, { stopped, killed, errors }] of Object.entries(report.drones)) {
    const ids = done === 'stopped' ? stopped : [...stopped, ...killed];
    if (killed.length > 0)
      say(io, `[${drone}] killed ${killed.join(' ')} (did not end within ${formatDuration(grace)})`);
    if (ids.length > 0) say(io, `[${drone}] ${done} ${ids.join(' ')}`);
    for (const [id, error] of Object.entries(errors)) {
      failed = true;
      note(io, `[${drone}] ${id}: ${messageOf(error)}`);
    }
  }
  noteAbsent(report.absent, `what runs there was not ${done}`, io);
  for (const id of report.unknown) note(io, `fleet: no process ${id}; fleet ps shows those there are`);
  return failed ? 1 : 0;
}

/** Ends processes for `stop` and `restart`. Returns the exit status. */
export async function endProcesses(
  client: Client,
  args: Arguments,
  io: Output & Surroundings,
  how: 'stop' | 'restart',
): Promise<number> {
  const grace = graceOf(args);
  await checkIds(how, args.words, client);
  const report = await client[how](await filterOf(args, io.cwd), { grace });
  const isNothing = [report.drones, report.unknown, report.absent].every(
    (some) => Object.keys(some).length === 0,
  );
  if (isNothing) {
    throw new FleetError(
      'ENOPROCESS',
      `nothing to ${how}: no process matches; fleet ps shows those there are`,
    );
  }
  return reportEnds(report, how === 'stop' ? 'stopped' : 'restarted', grace, io);
}
