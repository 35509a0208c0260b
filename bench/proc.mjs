import { readFileSync } from 'node:fs';

// What Linux says of a process. proc(5)

/** Clock ticks in a second: 100 wherever Linux runs node. */
const TICKS = 100;

/** The fields of /proc/PID/stat from the third on, where user time is the twelfth. */
function statOf(pid) {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
}

/** Seconds of processor time that a process has used, without its children. */
export function cpuSeconds(pid) {
  const [user, system] = statOf(pid).slice(11);
  return (user + system) / TICKS;
}

/** The same, with those of its children that have ended. */
export function cpuSecondsOfAll(pid) {
  const [user, system, childrenUser, childrenSystem] = statOf(pid).slice(11);
  return (user + system + childrenUser + childrenSystem) / TICKS;
}

function statusOf(pid, name) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) / 1024;
}

/** Megabytes of memory that a process has now. */
export const memory = (pid) => statusOf(pid, 'VmRSS');

/** The most that it ever had. */
export const peakMemory = (pid) => statusOf(pid, 'VmHWM');
