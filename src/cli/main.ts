import { readlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { type Io, note } from './io.ts';
import { fail, run } from './run.ts';
import { wordsWithoutSecret } from './shown-words.ts';

/** Created when they are first needed, which takes node 8 ms. */
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
      return false; // There is no /proc, or the process is another user's.
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
      // The pipe is full or closed, or the disk is full. The stream handles that.
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
  giveBackMemory: async () => {
    const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
      import('node:v8'),
      import('node:vm'),
    ]);
    // A context that is made while this is set has a function `gc`, and so needs no option of node.
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as (options: object) => void;
    setFlagsFromString('--no-expose-gc');
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  },
};

/** Throws EIO if the current directory was removed: then even its name is unknown. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new FleetError('EIO', 'the current directory was removed; go to another one', { cause });
  }
}

/** Exits once everything that was printed has been written: a pipe may be slow. */
function exit(status: number, last = () => {}): void {
  process.exitCode = status;
  const end = () => {
    last();
    process.exit(status);
  };
  flush(made.stdout, () => flush(made.stderr, end));
}

function flush(stream: NodeJS.WriteStream | undefined, then: () => void): void {
  // An error of the stream is emitted right after this callback, and handled by its listener.
  if (stream) stream.write('', () => setImmediate(then));
  else then();
}

/** A closed pipe means that the reader has read enough. Anything else, such as a full disk, is an error. */
function cannotWrite(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  note(io, `fleet: cannot write to standard output: ${messageOf(error)}`);
  process.exit(1);
}

/** Runs the command of this process, and ends it; if all of it worked, `succeeded` is called before. */
export function main(succeeded: () => void): void {
  process.on('uncaughtException', (error) => void fail(error, io).then((status) => exit(status)));
  const words = process.argv.slice(2);
  const shown = wordsWithoutSecret(words);
  // On Linux and macOS this overwrites the memory of the arguments, which every user of the machine can read.
  if (shown) io.setTitle(['fleet', ...shown].join(' '));
  run(words, io).then((status) => exit(status, status === 0 ? succeeded : undefined));
}
