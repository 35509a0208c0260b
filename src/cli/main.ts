import { readlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { type Io, note } from './io.ts';
import { fail, run } from './run.ts';

/** Made when they are first needed: node takes 8 ms for that. */
const made: { stdout?: NodeJS.WriteStream; stderr?: NodeJS.WriteStream } = {};

const io: Io = {
  get stdin() {
    return process.stdin;
  },
  sharesStdin: () => {
    try {
      const [own, theirs] = ['self', process.ppid].map((pid) => readlinkSync(`/proc/${pid}/fd/0`));
      return own === theirs;
    } catch {
      return false; // There is no /proc, or it is another user's process.
    }
  },
  get stdout() {
    made.stdout ??= process.stdout.on('error', cannotWrite);
    return made.stdout;
  },
  get stderr() {
    made.stderr ??= process.stderr.on('error', () => {});
    return made.stderr;
  },
  printFixed: (text) => {
    let left = Buffer.from(text);
    try {
      while (left.length > 0) left = left.subarray(writeSync(1, left));
    } catch {
      // A pipe that is full or closed, a disk without space: the stream knows what to do.
      io.stdout.write(left);
    }
  },
  env: process.env,
  get cwd() {
    return currentDirectory();
  },
  root: join(__dirname, '../..'),
  self: [process.execPath, process.argv[1] ?? ''],
  onSignal: (signal, handler) => void process.on(signal, handler),
  dieOf: (signal) => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  },
  outliveReaders: () => void io.stdout.removeAllListeners('error').on('error', () => {}),
  setTitle: (title) => {
    process.title = title;
  },
  setV8Flags: async (flags) => {
    const { setFlagsFromString } = await import('node:v8');
    for (const flag of flags) setFlagsFromString(flag);
  },
};

/** Throws EIO if the directory is no longer there, so that not even its name is known. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new FleetError('EIO', 'the current directory was removed; go to another one', { cause });
  }
}

/** Ends this process once everything that was printed has left it: a pipe may take it slowly. */
function exit(status: number): void {
  process.exitCode = status;
  flush(made.stdout, () => flush(made.stderr, () => process.exit(status)));
}

function flush(stream: NodeJS.WriteStream | undefined, then: () => void): void {
  // An error of the stream is told right after this callback, and has something to say of its own.
  if (stream) stream.write('', () => setImmediate(then));
  else then();
}

/** Whoever read our output has read enough; a disk that is full has not. */
function cannotWrite(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  note(io, `fleet: cannot write to standard output: ${messageOf(error)}`);
  process.exit(1);
}

process.on('uncaughtException', (error) => void fail(error, io).then(exit));

run(process.argv.slice(2), io).then(exit);
