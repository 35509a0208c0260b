import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import type { Command } from './command.ts';
import { hintFor } from './hint.ts';
import { note, type Output, type OwnProcess, type Surroundings } from './io.ts';

/** Runs a command that is not one of fleet's: `fleet-NAME` from the PATH, as git does. Returns its exit status. */
export async function runExternal(
  name: string,
  argv: string[],
  io: Output & Surroundings & OwnProcess,
  commands: readonly Command[],
): Promise<number> {
  const file = /[/\\]/.test(name) ? undefined : findExecutable(`fleet-${name}`, io.env['PATH'] ?? '');
  if (file) return runFile(file, argv, io);
  note(io, `Fleet command "${name}" not recognized.`);
  note(io, 'Type `fleet help` to see a list of all commands.');
  const hint = hintFor(name, commands);
  if (hint) note(io, hint);
  return 1;
}

/** Returns the first executable file of that name on the PATH. */
export function findExecutable(file: string, path: string): string | undefined {
  const candidates = path
    .split(delimiter)
    .filter(Boolean)
    .map((dir) => join(dir, file));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

function runFile(file: string, argv: string[], io: OwnProcess): Promise<number> {
  // The terminal sends these to the command too, and the command decides.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) io.onSignal(signal, () => {});
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, { stdio: 'inherit' });
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) io.onSignal(signal, () => child.kill(signal));
    child.once('error', (cause) =>
      reject(new FleetError('ESPAWN', `${file}: ${messageOf(cause)}`, { cause })),
    );
    child.once('exit', (code, signal) => resolve(code ?? 128 + system.signals[signal ?? 'SIGTERM']));
  });
}
