import { FleetError, messageOf } from '../protocol/errors.ts';
import { Arguments } from './arguments.ts';
import { COMMANDS, findCommand, helpScreen } from './commands.ts';
import { type Io, note, type Output, type Surroundings } from './io.ts';

/** What lists the commands, where nothing or `commands` follows it. */
const HELP = ['help', '-h', '--help'];

/** Does what the words behind `fleet` say, tells what goes wrong, and gives the exit status. */
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
  // To load a parser takes `fleet version` a fifth more time: 123 ms of the processor for 104.
  if (command.options.length === 0 && argv.length === 0)
    return command.run(new Arguments('', [], new Map()), io, COMMANDS);
  const { parseArguments } = await import('./parse.ts');
  const args = await parseArguments(argv, command);
  if (args) return command.run(args, io, COMMANDS);
  return (await import('./manual.ts')).showCommand(command, io);
}

/** Says what went wrong, and gives the exit status. */
export async function fail(error: unknown, io: Output & Surroundings): Promise<number> {
  // What the system says of a file names it, and needs no stack.
  const known = error instanceof FleetError || (error instanceof Error && 'syscall' in error);
  if (io.env['FLEET_DEBUG'] === '1') note(io, `fleet: ${(await import('node:util')).inspect(error)}`);
  else note(io, `fleet: ${messageOf(error)}${known ? '' : ' (FLEET_DEBUG=1 shows where)'}`);
  return error instanceof FleetError && (error.code === 'EUSAGE' || error.code === 'ENOREMOTE') ? 2 : 1;
}
