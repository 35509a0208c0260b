import { readFileSync } from 'node:fs';

// What Linux knows about a process. proc(5)

/** Clock ticks in a second: 100 wherever Linux runs node. */
const TICKS = 100;

/** Returns the fields of /proc/PID/stat from the third on, of which user time is the twelfth. */
function statOf(pid) {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
}

/** Returns the seconds of processor time of a process, without its children. */
export function cpuSeconds(pid) {
  const [user, system] = statOf(pid).slice(11);
  return (user + system) / TICKS;
}

/** The same, including children that have ended. */
export function cpuSecondsOfAll(pid) {
  const [user, system, childrenUser, childrenSystem] = statOf(pid).slice(11);
  return (user + system + childrenUser + childrenSystem) / TICKS;
}

function statusOf(pid, name) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) / 1024;
}

/** Returns the megabytes of memory that a process uses now. */
export const memory = (pid) => statusOf(pid, 'VmRSS');

/** Returns the most that it ever used. */
export const peakMemory = (pid) => statusOf(pid, 'VmHWM');
