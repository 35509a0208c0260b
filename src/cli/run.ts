import { FleetError, messageOf } from '../protocol/errors.ts';
import { Arguments } from './arguments.ts';
import { type Io, note, type Output, type Surroundings } from './io.ts';
import { loadCommand } from './loaders.ts';
import { withShortWords } from './short-words.ts';

/** These list the commands, if nothing or `commands` follows. */
const HELP = ['help', '-h', '--help'];

/** Runs the command that the words after `fleet` name, prints its error if there is one, and returns the exit status. */
export function run(words: readonly string[], io: Io): Promise<number> {
  return dispatch(words, io).catch((error: unknown) => fail(error, io));
}

async function dispatch([name, ...argv]: readonly string[], io: Io): Promise<number> {
  if (name === undefined || (HELP.includes(name) && (argv[0] ?? 'commands') === 'commands')) {
    io.printFixed((await import('./commands.ts')).helpScreen());
    return 0;
  }
  if (name === '-h' || name === '--help') return dispatch(['help', ...argv], io);
  if (name === '-v' || name === '--version') return dispatch(['version'], io);
  if (name.startsWith('-'))
    throw new FleetError('EUSAGE', `unknown option '${name}'; the command comes first: fleet help`);
  const command = await loadCommand(name);
  if (!command) {
    const { runExternal } = await import('./external.ts');
    return runExternal(name, argv, io, await allCommands());
  }
  // The parser takes longer to load than a command that has nothing to parse takes for all the rest.
  if (argv.length === 0) return command.run(new Arguments('', [], new Map()), io, allCommands);
  const { parseArguments } = await import('./parse.ts');
  const args = await parseArguments(argv, command);
  if (args) return command.run(args, io, allCommands);
  return (await import('./manual.ts')).showCommand(command, io);
}

const allCommands = async () => (await import('./commands.ts')).COMMANDS;

/** Prints an error, and returns the exit status. */
export async function fail(error: unknown, io: Output & Surroundings): Promise<number> {
  // Errors of the system name the file, and need no stack.
  const known = error instanceof FleetError || (error instanceof Error && 'syscall' in error);
  if (io.env['FLEET_DEBUG'] === '1') note(io, `fleet: ${(await import('node:util')).inspect(error)}`);
  else note(io, `fleet: ${withShortWords(messageOf(error))}${known ? '' : ' (FLEET_DEBUG=1 shows where)'}`);
  return error instanceof FleetError && (error.code === 'EUSAGE' || error.code === 'ENOREMOTE') ? 2 : 1;
}
