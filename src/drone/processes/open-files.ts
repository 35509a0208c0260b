import { readFileSync } from 'node:fs';
import { findProgram, pathOf } from './program.ts';

/** The variable in which `bin/fleet.js` and the unit of systemd say which limit the drone was started with. */
const VARIABLE = 'FLEET_OPEN_FILES';

/**
 * Returns a command that runs `command` with the soft limit on open files that the drone was started with, and with the same
 * pid: Node raises its own to the hard limit (`PlatformInit` in src/node.cc), and children inherit that. Programs that use
 * select(2), or close every possible descriptor, suffer from a high one. Returns `command` if its limit is that one anyway, is
 * not known, or there is no prlimit(1). Throws ESPAWN if there is no such command, which prlimit would say in its output only.
 */
export function withOpenFiles(
  command: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): readonly string[] {
  const limit = lowerLimit(process.env[VARIABLE], limitsHere());
  const prlimit = limit === null ? null : pathOf('prlimit', process.env['PATH']);
  if (prlimit === null) return command;
  findProgram(command, cwd, env['PATH']);
  return [prlimit, `--nofile=${limit}:`, '--', ...command];
}

/**
 * Returns the limit to set, given the one that the drone was started with and the text of /proc/PID/limits (proc(5)); null if
 * none has to be set.
 */
export function lowerLimit(inherited: string | undefined, limits: string): number | null {
  const [, now = ''] = /^Max open files +(\w+)/m.exec(limits) ?? [];
  if (!/^\d+$/.test(inherited ?? '') || now === '') return null;
  const wanted = Number(inherited);
  return now === 'unlimited' || wanted < Number(now) ? wanted : null;
}

function limitsHere(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
