import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SHARED_MEMORY } from './shared-memory.ts';

const run = promisify(execFile);
const { O_RDONLY, O_RDWR, O_WRONLY } = constants;

const PREFIX = 'fleet-pipe-';
const LEFT_BEHIND_AFTER_MS = 60_000;

/** The descriptors of a pipe's ends; the caller closes them. */
export interface Pipe {
  read: number;
  write: number;
}

/**
 * Makes pipes that whoever has them may open again as `/dev/stdout` or `/dev/stderr`: those that Node makes are sockets,
 * which open(2) refuses with ENXIO. Not for input: to open it again once it has ended waits for ever. Throws if mkfifo(1)
 * fails.
 */
export async function makePipes(count: number): Promise<Pipe[]> {
  return withFifos(count, (path) => open(path, O_WRONLY));
}

/**
 * Makes one whose writer is a reader too: it does not end if nobody reads any more, but waits (fifo(7)). Throws if mkfifo(1)
 * fails.
 */
export async function makeLastingPipe(): Promise<Pipe> {
  const [pipe] = await withFifos(1, (path) => open(path, O_RDWR));
  return pipe as Pipe;
}

async function withFifos(count: number, use: (path: string) => Pipe): Promise<Pipe[]> {
  const folder = await makeFolder();
  try {
    const paths = Array.from({ length: count }, (_, at) => join(folder, `${at}`));
    // Nobody gets into the folder, but a process that gave up its rights must be able to open its own output.
    await run('mkfifo', ['-m', '666', ...paths]);
    return paths.map(use);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes a folder in memory, if possible: a pipe can be made on a full disk, too. */
async function makeFolder(): Promise<string> {
  return mkdtemp(join(SHARED_MEMORY, PREFIX)).catch(() => mkdtemp(join(tmpdir(), PREFIX)));
}

/** Removes the folders of those who were killed while they made pipes. They are there for a moment only. */
export async function sweepPipes(parents = [SHARED_MEMORY, tmpdir()]): Promise<void> {
  const latest = Date.now() - LEFT_BEHIND_AFTER_MS;
  for (const parent of parents) {
    const names = await readdir(parent).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(PREFIX))) {
      const path = join(parent, name);
      const { mtimeMs = latest } = await stat(path).catch(() => ({ mtimeMs: undefined }));
      // Another user's stays.
      if (mtimeMs < latest) await rm(path, { recursive: true, force: true }).catch(() => {});
    }
  }
}

function open(path: string, writeFlags: number): Pipe {
  // An end cannot be opened alone, without waiting for the other one.
  const both = openSync(path, O_RDWR);
  try {
    return { read: openSync(path, O_RDONLY), write: openSync(path, writeFlags) };
  } finally {
    closeSync(both);
  }
}
