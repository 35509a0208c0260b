import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

/**
 * One buffer for all reads: Node allocates 64 KB for each file that does not report its size, as is the case in /proc.
 */
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

/** Returns what identifies this boot of the machine (proc(5)); empty if the system does not say, as on macOS. */
export function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** The fields of /proc/PID/stat that are used here. */
interface Stat {
  parent: number;
  /** The pid of the process that led its session when the session began. */
  session: number;
  /** The number of its terminal; 0 if it has none. */
  terminal: number;
  /** Clock ticks since boot. */
  started: number;
}

/** Returns null if the process does not run or is a zombie. */
function statOf(pid: number | string): Stat | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const number = (at: number) => Number(fields[at]);
  return { parent: number(1), session: number(3), terminal: number(4), started: number(19) };
}

/**
 * Returns when a process started, in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)); null if it does not
 * run or is a zombie. Without /proc, returns 0 if the pid is in use.
 */
export function startTime(pid: number): number | null {
  if (process.platform === 'linux') return statOf(pid)?.started ?? null;
  return exists(pid) ? 0 : null;
}

/** Returns true if there is a process, or a zombie, with this pid: one system call, for frequent checks. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Returns the milliseconds that a process has run, given its start in ticks; null if the system does not say. */
export function runningFor(started: number): number | null {
  const uptime = read('/proc/uptime');
  // A tick is 1/100 s on every Linux that Node runs on (USER_HZ, proc(5)).
  return uptime === null ? null : Math.max(0, Number.parseFloat(uptime) * 1000 - started * 10);
}

/** A process as the system lists it. */
export interface Listed extends Stat {
  pid: number;
  /** What follows the prefix in its environment; null if the prefix is not there. */
  mark: string | null;
}

/**
 * Lists every process of the machine except zombies, each with what follows `prefix` in its environment. The
 * environment of other users' processes cannot be read, and a process can scrub its own. Empty without /proc.
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

/** Returns the processes that a process has started itself and that still run; none without /proc. */
export function childrenOf(pid: number): number[] {
  return allStats().flatMap((one) => (one.parent === pid ? [one.pid] : []));
}

/** Returns the processes of the session that this one leads or belongs to; only itself without /proc. */
export function sessionOf(pid: number): number[] {
  const session = statOf(pid)?.session;
  if (session === undefined) return [pid];
  return allStats().flatMap((one) => (one.session === session ? [one.pid] : []));
}

function allStats(): (Stat & { pid: number })[] {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.flatMap((pid) => {
    const stat = statOf(pid);
    return stat ? [{ ...stat, pid: Number(pid) }] : [];
  });
}

/** Returns a process's command line, as it was started or has set it itself; empty if it cannot be read. */
export function commandOf(pid: number): string[] {
  return wordsOf(`/proc/${pid}/cmdline`);
}

/** Returns the environment that a process was started with; empty if it cannot be read. */
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

/** Returns the working directory of a process, with links resolved; null if it cannot be read. */
export function workingDirectoryOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
