import type * as Commander from 'commander';
import { FleetError } from '../protocol/errors.ts';
import { closest, meantText } from '../system/closest.ts';
import { Arguments } from './arguments.ts';
import type { Command, Option } from './command.ts';
import { expandShorthand } from './shorthand.ts';

/**
 * Parses the arguments of a command. Returns undefined if they ask for the manual page. Throws EUSAGE with what is wrong
 * and what was probably meant.
 *
 * commander handles options and their aliases, verbs and theirs, `--help`, and the beginning of another program's command
 * line, and it finds the mistakes. The wording of errors and the manual pages are fleet's own.
 */
export async function parseArguments(
  argv: readonly string[],
  command: Command,
): Promise<Arguments | undefined> {
  const words = expandShorthand(argv, command);
  const commander = await import('commander');
  let verb = '';
  const program = makeProgram(command, commander, (name) => {
    verb = name;
  });
  try {
    program.parse(words, { from: 'user' });
  } catch (cause) {
    throw cause instanceof commander.CommanderError ? usageError(cause, command) : cause;
  }
  if (program.opts()['help'] === true) return undefined;
  const own = verb === '' ? program.args : program.args.slice(1);
  const dashes = words.indexOf('--');
  const behind = dashes === -1 ? [] : words.slice(dashes + 1);
  const args = new Arguments(verb, own, valuesOf(program), words.at(-own.length - 1) === '--', behind);
  checkWords(args, command);
  checkVerb(args, command);
  return args;
}

function makeProgram(
  { name, options, operands, verbs = [] }: Command,
  commander: typeof Commander,
  onVerb: (name: string) => void,
): Commander.Command {
  const program = new commander.Command(name)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showSuggestionAfterError(false) // commander compares an option together with its value.
    .helpCommand(false)
    // After an unknown option, commander finds its own help option even behind `--`.
    .helpOption(false)
    .option('-h, --help')
    .passThroughOptions(operands === 'command')
    .argument('[words...]')
    .action(() => {});
  for (const option of options) program.addOption(makeOption(option, commander));
  for (const verb of verbs.filter((one) => one.name !== '')) {
    const subcommand = program.command(verb.name).aliases(verb.aliases ?? []);
    subcommand.argument('[words...]').action(() => onVerb(verb.name));
  }
  return program;
}

/** Returns an option for commander. If it takes a value, it collects all that it is given. */
function makeOption(option: Option, commander: typeof Commander): Commander.Option {
  const { name, short, aliases = [], value, pairs } = option;
  const names = [...(short ? [`-${short}`] : []), ...aliases.map((alias) => `--${alias}`), `--${name}`];
  if (!value && !pairs) return new commander.Option(names.join(', '));
  const collect = (one: string, before: string[] = []) => [...before, one];
  return new commander.Option(`${names.join(', ')} <value>`).argParser(collect);
}

/** Returns the values of each option, in the order in which they were typed. */
function valuesOf(program: Commander.Command): Map<string, string[]> {
  const given = Object.entries<string[] | boolean>(program.opts());
  const typed = given.flatMap(([key, values]) => {
    // commander takes `--no-roll` for `roll`, which is on unless it is given; beside it there may be a `--roll`.
    const isNegated = values === false;
    const option = program.options.find((one) => one.attributeName() === key && one.negate === isNegated);
    return option ? [[option.name(), Array.isArray(values) ? values : []] as const] : [];
  });
  return new Map(typed);
}

/** Returns a mistake that commander found, as one line. */
function usageError(cause: Error, { name, options }: Command): FleetError {
  const message = cause.message.replace(/^error: /, '').split('\n', 1)[0] ?? '';
  const unknown = /^unknown option '--?([^'=]+)/.exec(message)?.[1];
  const known = options.flatMap((option) => [option.name, ...(option.aliases ?? [])]);
  const elsewhere = options.find((option) => unknown && option.elsewhere?.includes(unknown));
  if (unknown !== undefined && known.includes(unknown))
    return new FleetError('EUSAGE', `--${unknown} takes no value`, { cause });
  const meant = elsewhere?.name ?? (unknown && closest(unknown, known));
  const hint = meant ? `did you mean --${meant}?` : `see: fleet help ${name}`;
  return new FleetError('EUSAGE', `${message}; ${hint}`, { cause });
}

/** Throws EUSAGE for an unknown verb, and for a word if the command takes none. */
function checkWords({ verb, words: [word] }: Arguments, command: Command): void {
  const { name, verbs = [], operands, wordMeans } = command;
  if (word === undefined) return;
  const names = verbs.map((one) => one.name);
  if (verb === '' && names.length > 0 && !names.includes('')) {
    throw new FleetError('EUSAGE', `fleet ${name} has no '${word}'; ${meantText(word, names)}`);
  }
  if (operands !== 'none') return;
  const hint = wordMeans ? `did you mean --${wordMeans}=${word}?` : `see: fleet help ${name}`;
  throw new FleetError('EUSAGE', `fleet ${name} takes no argument '${word}'; ${hint}`);
}

/** Throws EUSAGE for an option that belongs to other verbs. */
function checkVerb(args: Arguments, { name, options }: Command): void {
  const odd = options.find((one) => args.has(one.name) && one.verbs && !one.verbs.includes(args.verb));
  if (odd)
    throw new FleetError('EUSAGE', `--${odd.name} does not belong to: fleet ${name} ${args.verb}`.trimEnd());
}
