import { FleetError, messageOf } from '../protocol/errors.ts';
import { Arguments } from './arguments.ts';
import { COMMANDS, findCommand, helpScreen } from './commands.ts';
import { type Io, note, type Output, type Surroundings } from './io.ts';

/** These list the commands, if nothing or `commands` follows. */
const HELP = ['help', '-h', '--help'];

/** Runs the command that the words after `fleet` name, prints its error if there is one, and returns the exit status. */
export function run(words: readonly string[], io: Io): Promise<number> {
  return dispatch(words, io).catch((error: unknown) => fail(error, io));
}

async function dispatch([name, ...argv]: readonly string[], io: Io): Promise<number> {
  if (name === undefined || (HELP.includes(name) && (argv[0] ?? 'commands') === 'commands')) {
    io.printFixed(helpScreen());
    return 0;
  }
  if (name === '-h' || name === '--help') return dispatch(['help', ...argv], io);
  if (name === '-v' || name === '--version') return dispatch(['version'], io);
  if (name.startsWith('-'))
    throw new FleetError('EUSAGE', `unknown option '${name}'; the command comes first: fleet help`);
  const command = findCommand(name);
  if (!command) {
    const { runExternal } = await import('./external.ts');
    return runExternal(name, argv, io, COMMANDS);
  }
  // Loading the parser would make `fleet version` a fifth slower (123 instead of 104 ms of CPU).
  if (command.options.length === 0 && argv.length === 0)
    return command.run(new Arguments('', [], new Map()), io, COMMANDS);
  const { parseArguments } = await import('./parse.ts');
  const args = await parseArguments(argv, command);
  if (args) return command.run(args, io, COMMANDS);
  return (await import('./manual.ts')).showCommand(command, io);
}

/** Prints an error, and returns the exit status. */
export async function fail(error: unknown, io: Output & Surroundings): Promise<number> {
  // Errors of the system name the file, and need no stack.
  const known = error instanceof FleetError || (error instanceof Error && 'syscall' in error);
  if (io.env['FLEET_DEBUG'] === '1') note(io, `fleet: ${(await import('node:util')).inspect(error)}`);
  else note(io, `fleet: ${messageOf(error)}${known ? '' : ' (FLEET_DEBUG=1 shows where)'}`);
  return error instanceof FleetError && (error.code === 'EUSAGE' || error.code === 'ENOREMOTE') ? 2 : 1;
}
