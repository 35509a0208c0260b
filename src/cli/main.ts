import { join } from 'node:path';
import { messageOf } from '../protocol/errors.ts';
import { type Io, note } from './io.ts';
import { fail, run } from './run.ts';

const io: Io = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  env: process.env,
  get cwd() {
    return process.cwd();
  },
  root: join(__dirname, '../..'),
  self: [process.execPath, process.argv[1] ?? ''],
  onSignal: (signal, handler) => void process.on(signal, handler),
  dieOf: (signal) => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  },
  outliveReaders: () => void process.stdout.removeAllListeners('error').on('error', () => {}),
  setTitle: (title) => {
    process.title = title;
  },
};

/** Ends this process once everything that was printed has left it: a pipe may take it slowly. */
function exit(status: number): void {
  process.exitCode = status;
  // An error of the stream is told right after this callback, and has something to say of its own.
  process.stdout.write('', () => setImmediate(() => process.stderr.write('', () => process.exit(status))));
}

// Whoever read our output has read enough; a disk that is full has not.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  note(io, `fleet: cannot write to standard output: ${messageOf(error)}`);
  process.exit(1);
});
process.stderr.on('error', () => {});
process.on('uncaughtException', (error) => void fail(error, io).then(exit));

run(process.argv.slice(2), io).then(exit);
