import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { MARK_VARIABLE } from '../../protocol/names.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import { environmentOf, listProcesses, workingDirectoryOf } from '../../system/procfs.ts';
import type { Release } from './release.ts';

/** A process that may run from a release's directory. */
export interface Occupant {
  /** Its current directory, and the one in which it was started; null if unknown. */
  directories: (string | null)[];
  /** True if it was started from this release: if its directory is unknown, it may be any of them. */
  isOfRelease: boolean;
}

/** Returns those of the directories, by their names below `deploy`, that a process runs from. */
export function occupiedBy(
  occupants: readonly Occupant[],
  deploy: string,
  names: readonly string[],
): Set<string> {
  const occupied = new Set<string>();
  for (const { directories, isOfRelease } of occupants) {
    const seen = names.filter((name) =>
      directories.some((one) => one !== null && isWithin(one, join(deploy, name))),
    );
    for (const name of isOfRelease && seen.length === 0 ? names : seen) occupied.add(name);
  }
  return occupied;
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** What the drone itself knows about running processes. */
export interface Running {
  /** See `markOf`. */
  mark: string;
  supervisor: { reports(): Pick<ProcessReport, 'repo' | 'commit' | 'pid' | 'instance'>[] };
  execs: { readonly size: number };
  jobs: { active(): readonly { app: string; commit: string }[] };
}

/** Returns the processes that may run from a release, including orphans and processes that fleet did not start. */
export function occupantsOf({ repo, commit }: Release, deploy: string, running: Running): Occupant[] {
  const listed = listProcesses(`${MARK_VARIABLE}=${running.mark}.`);
  const promised = running.supervisor
    .reports()
    .filter((one) => one.pid !== null && one.repo === repo && one.commit === commit);
  if (listed.length === 0) {
    const isUsed = promised.length > 0 || running.execs.size > 0 || running.jobs.active().length > 0;
    return isUsed ? [{ directories: [], isOfRelease: true }] : [];
  }
  const pids = new Set(promised.map(({ pid }) => pid));
  const real = realpathOf(deploy);
  return listed.map(({ pid, mark }) => {
    const env = mark === null && !pids.has(pid) ? null : environmentOf(pid);
    return {
      // If `deploy` is a link, the system shows its target.
      directories: [workingDirectoryOf(pid)?.replace(`${real}/`, `${deploy}/`) ?? null, env?.['PWD'] ?? null],
      isOfRelease: pids.has(pid) || (env?.['REPO'] === repo && env['COMMIT'] === commit),
    };
  });
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Returns true if a process or job of this commit runs, or waits for its next start. */
export function isPromised(
  { app, commit }: Release,
  { supervisor, jobs }: Pick<Running, 'supervisor' | 'jobs'>,
): boolean {
  const appOf = ({ repo, instance }: Pick<ProcessReport, 'repo' | 'instance'>) => instance?.app ?? repo;
  return (
    supervisor.reports().some((one) => appOf(one) === app && one.commit === commit) ||
    jobs.active().some((one) => one.app === app && one.commit === commit)
  );
}
