import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { spawnError } from './spawn-error.ts';

/** Where execvp(3) looks if there is no PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';
/** How much of a script's first line Linux reads. execve(2) */
const MAX_INTERPRETER_BYTES = 255;

/** Returns the path of a program on this PATH; null if there is none. */
export function pathOf(program: string, path = DEFAULT_PATH): string | null {
  return candidates(program, '/', path).find(isExecutable) ?? null;
}

/** Returns true if the drone's PATH has a program of this name. */
export function isInstalled(program: string): boolean {
  return pathOf(program, process.env['PATH']) !== null;
}

/**
 * Checks that the system could start a command, for one that another program starts, whose message would only be in the
 * output. Throws ESPAWN.
 */
export function findProgram(command: readonly string[], cwd: string, path = DEFAULT_PATH): void {
  const [file = ''] = command;
  const fail = (code: string) => spawnError(Object.assign(new Error(), { code }), command, cwd);
  const there = candidates(file, cwd, path).filter(isFile);
  const found = there.find(isExecutable);
  if (found === undefined) throw fail(there.length > 0 ? 'EACCES' : 'ENOENT');
  const interpreter = interpreterOf(found);
  if (interpreter !== null && !existsSync(resolve(cwd, interpreter))) throw fail('ENOENT');
}

function candidates(file: string, cwd: string, path: string): string[] {
  if (file.includes('/')) return [resolve(cwd, file)];
  return path.split(delimiter).map((folder) => resolve(cwd, folder, file));
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Returns the program that a script names in its first line; null if it is none, or cannot be read. */
function interpreterOf(path: string): string | null {
  const start = Buffer.alloc(MAX_INTERPRETER_BYTES);
  try {
    const file = openSync(path, 'r');
    try {
      const length = readSync(file, start);
      return /^#![ \t]*([^ \t\n]+)/.exec(start.toString('latin1', 0, length))?.[1] ?? null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}
