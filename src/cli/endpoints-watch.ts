import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Client } from '../client/types.ts';
import type { AppTraffic } from '../protocol/endpoints.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { replaceCrashSafe } from '../system/write-whole.ts';
import { ENDING, untilSignal } from './daemon.ts';
import { note, type Output, type OwnProcess } from './io.ts';

/** Readable by whoever the file is for: there are no secrets in it. */
const MODE = 0o644;

/**
 * Replaces a file by this text, so that a reader sees the old one or the new one. Returns false if it has that already.
 * Who may read it stays as it was. Throws EIO.
 */
export async function writeIfChanged(path: string, text: string): Promise<boolean> {
  if (textOf(path) === text) return false;
  const { mode = MODE } = (await stat(path).catch(() => null)) ?? {};
  await replaceCrashSafe(path, text, mode).catch((cause: unknown) => {
    // The message names a temporary file.
    const [why] = messageOf(cause).split(', ');
    throw new FleetError('EIO', `cannot write ${path}: ${why}`, { cause });
  });
  return true;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Runs a command to its end. Returns what went wrong, in words, or null. Its output is that of this process. */
function runCommand([file = '', ...args]: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('exit', (code, signal) => {
      if (code === 0) resolve(null);
      else resolve(`exit status ${code ?? 128 + constants.signals[signal ?? 'SIGTERM']}`);
    });
  });
}

interface Watch {
  client: Pick<Client, 'followEndpoints'>;
  path: string;
  textOf(apps: Record<string, AppTraffic>): string;
  /** Run after a change; empty if there is none. */
  command: readonly string[];
  io: Output & OwnProcess;
}

/** Keeps a file true until a signal ends that. Returns the exit status. Throws EIO if it cannot be written at first. */
export async function keepTrue({ client, path, textOf, command, io }: Watch): Promise<number> {
  const over = new AbortController();
  void untilSignal(ENDING, io).then(() => over.abort());
  let isFailed = false;
  let hasWritten = false;
  let failure: unknown = null;
  await client.followEndpoints({
    signal: over.signal,
    async changed(apps) {
      try {
        const isChanged = await writeIfChanged(path, textOf(apps));
        hasWritten = true;
        if (command.length === 0 || !(isChanged || isFailed)) return;
        const problem = await runCommand(command);
        isFailed = problem !== null;
        if (isFailed)
          note(io, `fleet: ${command.join(' ')}: ${problem}; it is run again with the next change`);
      } catch (error) {
        if (hasWritten) return note(io, `fleet: ${messageOf(error)}`);
        failure = error;
        over.abort();
      }
    },
    trouble(error) {
      note(io, error ? `${error.message}; ${path} stays as it is` : 'connected to the hub again');
    },
  });
  if (failure !== null) throw failure;
  return 0;
}
