import { readdirSync, readFileSync } from 'node:fs';

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** What identifies this boot of the machine (proc(5)); empty where the system does not say, as on macOS. */
export function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/**
 * When a process started, in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)); null where it does not
 * run, also where it is a zombie. Without /proc all that can be said is whether the pid is in use: 0.
 */
export function startTime(pid: number): number | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return process.platform === 'linux' ? null : isAlive(pid);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19]);
}

function isAlive(pid: number): number | null {
  try {
    process.kill(pid, 0);
    return 0;
  } catch {
    return null;
  }
}

/** The processes whose environment has the line `mark`, `NAME=value`; those that scrubbed it are not found. */
export function findMarked(mark: string): number[] {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids
    .filter((pid) => `\0${read(`/proc/${pid}/environ`) ?? ''}`.includes(`\0${mark}\0`))
    .map(Number)
    .filter((pid) => startTime(pid) !== null);
}
