import { readdirSync, readFileSync } from 'node:fs';

// What Linux says of a process. proc(5)

/** Clock ticks in a second: 100 wherever Linux runs node. */
const TICKS = 100;

/** Seconds of processor time that a process has used, without its children. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

function statusOf(pid, name) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) / 1024;
}

/** Megabytes of memory that a process has now. */
export const memory = (pid) => statusOf(pid, 'VmRSS');

/** The most that it ever had. */
export const peakMemory = (pid) => statusOf(pid, 'VmHWM');

/** The process ids below a process. */
export function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
