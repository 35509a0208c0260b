import { join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { Arguments } from './arguments.ts';
import { findCommand, helpScreen } from './commands.ts';
import { type Io, note } from './io.ts';

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

/** What lists the commands, where nothing or `commands` follows it. */
const HELP = ['help', '-h', '--help'];

/** Does what the command line says, and gives the exit status. */
async function run([name, ...argv]: string[]): Promise<number> {
  if (name === undefined || (HELP.includes(name) && (argv[0] ?? 'commands') === 'commands')) {
    io.stdout.write(helpScreen());
    return 0;
  }
  if (name === '-h' || name === '--help') return run(['help', ...argv]);
  if (name === '-v' || name === '--version') return run(['version']);
  if (name.startsWith('-'))
    throw new FleetError('EUSAGE', `unknown option '${name}'; the command comes first: fleet help`);
  const command = findCommand(name);
  if (!command) return (await import('./external.ts')).runExternal(name, argv, io);
  // What takes no options starts without a parser.
  if (command.options.length === 0 && argv.length === 0)
    return command.run(new Arguments('', [], new Map()), io);
  const { asksForHelp, parseArguments } = await import('./parse.ts');
  if (asksForHelp(argv, command)) return (await import('./commands/help.ts')).showHelp(command, io);
  return command.run(await parseArguments(argv, command), io);
}

/** Says what went wrong, and gives the exit status. */
async function fail(error: unknown): Promise<number> {
  // What the system says of a file names it, and needs no stack.
  const known = error instanceof FleetError || (error instanceof Error && 'syscall' in error);
  if (io.env['FLEET_DEBUG'] === '1') note(io, `fleet: ${(await import('node:util')).inspect(error)}`);
  else note(io, `fleet: ${messageOf(error)}${known ? '' : ' (FLEET_DEBUG=1 shows where)'}`);
  return error instanceof FleetError && (error.code === 'EUSAGE' || error.code === 'ENOREMOTE') ? 2 : 1;
}

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
process.on('uncaughtException', (error) => void fail(error).then(exit));

run(process.argv.slice(2)).catch(fail).then(exit);
