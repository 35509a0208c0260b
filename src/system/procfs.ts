import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

/** One for all reads: node takes 64 KB anew for each file that does not say its size, and those of /proc never do. */
let room = Buffer.allocUnsafe(16_384);

function read(path: string): string | null {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (let length = 0; ; ) {
      const more = readSync(file, room, length, room.length - length, null);
      if (more === 0) return room.toString('latin1', 0, length);
      length += more;
      if (length === room.length) room = Buffer.concat([room], 2 * length);
    }
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** What identifies this boot of the machine (proc(5)); empty where the system does not say, as on macOS. */
export function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** What /proc/PID/stat says that matters here. */
interface Stat {
  session: number;
  /** Clock ticks since boot. */
  started: number;
}

/** Null where the process does not run, also where it is a zombie. */
function statOf(pid: number | string): Stat | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return { session: Number(fields[3]), started: Number(fields[19]) };
}

/**
 * When a process started, in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)); null where it does not
 * run, also where it is a zombie. Without /proc all that can be said is whether the pid is in use: 0.
 */
export function startTime(pid: number): number | null {
  if (process.platform === 'linux') return statOf(pid)?.started ?? null;
  return exists(pid) ? 0 : null;
}

/** True where there is a process, or a zombie, of this pid: one system call, for frequent looks. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Milliseconds that a process has run, given its start in ticks; null where the system does not say. */
export function runningFor(started: number): number | null {
  const uptime = read('/proc/uptime');
  // A tick is 1/100 s on every Linux that node runs on (USER_HZ, proc(5)).
  return uptime === null ? null : Math.max(0, Number.parseFloat(uptime) * 1000 - started * 10);
}

/** A process as the system lists it. */
export interface Listed {
  pid: number;
  /** The pid of the process that led its session when that began. */
  session: number;
  started: number;
  /** What its environment says after the prefix that was looked for; null where it does not have it. */
  mark: string | null;
}

/**
 * Every process of the machine (zombies are none), each with what follows `prefix` in its environment. The environment
 * of other users' processes cannot be read, and a process can scrub its own. Empty without /proc.
 */
export function listProcesses(prefix: string): Listed[] {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.flatMap((pid) => {
    const stat = statOf(pid);
    if (!stat) return [];
    const environment = `\0${read(`/proc/${pid}/environ`) ?? ''}`;
    const at = environment.indexOf(`\0${prefix}`);
    const from = at + 1 + prefix.length;
    const mark = at < 0 ? null : (environment.slice(from).split('\0', 1)[0] ?? '');
    return [{ pid: Number(pid), ...stat, mark }];
  });
}

/** The words of a process's command line, as it was started or has set it itself; empty if they cannot be read. */
export function commandOf(pid: number): string[] {
  return wordsOf(`/proc/${pid}/cmdline`);
}

/** The environment that a process was started with; empty if it cannot be read. */
export function environmentOf(pid: number): Record<string, string> {
  const pairs = wordsOf(`/proc/${pid}/environ`).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, Math.max(0, at)), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

function wordsOf(path: string): string[] {
  const text = Buffer.from(read(path) ?? '', 'latin1')
    .toString('utf8')
    .replace(/\0+$/, '');
  return text === '' ? [] : text.split('\0');
}

/** The directory that a process is in, without links; null if it cannot be seen. */
export function workingDirectoryOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
