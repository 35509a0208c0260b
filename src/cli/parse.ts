import { FleetError } from '../protocol/errors.ts';
import { ENV_NAME_PATTERN } from '../protocol/names.ts';
import { Arguments } from './arguments.ts';
import type { Command, Option } from './command.ts';
import { closest } from './text.ts';

/**
 * What commander cannot know is made plain for it: `+NAME` becomes `--remote=NAME`, `--env.X V` becomes `--env=X=V`,
 * every value is joined to its option, and where a command line begins that is not fleet's, `--` is put before it.
 * EUSAGE for an option without its value.
 */
export function plainArguments(argv: readonly string[], command: Command): string[] {
  const plain: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return [...plain, ...argv.slice(at)];
    if (word.startsWith('-') && word !== '-') {
      const { text, taken } = plainOption(argv, at, command.options);
      plain.push(text);
      at += taken;
    } else if (word.startsWith('+') && find(command.options, '--remote'))
      plain.push(`--remote=${word.slice(1)}`);
    else if (command.operands === 'command') return [...plain, '--', ...argv.slice(at)];
    else plain.push(word);
  }
  return plain;
}

/** One option with its value, and how many more words it took. */
function plainOption(
  argv: readonly string[],
  at: number,
  options: Option[],
): { text: string; taken: number } {
  const word = argv[at] ?? '';
  const [, flag = word, key, joined] = /^(--?[^.=]+)(?:\.([^=]*))?(?:=(.*))?$/s.exec(word) ?? [];
  const option = find(options, flag);
  if (!option || (key !== undefined && !option.pairs)) return { text: word, taken: 0 };
  if (option.pairs) checkKey(option, key);
  const name = `--${option.name}`;
  const shown = key === undefined ? flag : `${flag}.${key}`;
  if (!option.value && !option.pairs) {
    if (joined !== undefined) throw new FleetError('EUSAGE', `${flag} takes no value`);
    return { text: name, taken: 0 };
  }
  const value = joined ?? argv[at + 1];
  if (value === undefined || (joined === undefined && value.startsWith('--'))) {
    throw new FleetError('EUSAGE', `${shown} needs a value: ${shown}=${option.value ?? 'VALUE'}`);
  }
  return {
    text: `${name}=${key === undefined ? value : `${key}=${value}`}`,
    taken: joined === undefined ? 1 : 0,
  };
}

function checkKey({ name }: Option, key: string | undefined): void {
  if (key !== undefined && ENV_NAME_PATTERN.test(key)) return;
  const what = key ? `'${key}' cannot name a variable` : `--${name} needs the variable's name`;
  throw new FleetError('EUSAGE', `${what}: write --${name}.NAME=VALUE`);
}

function find(options: Option[], flag: string): Option | undefined {
  return options.find(({ name, aliases = [], short }) =>
    flag.startsWith('--')
      ? [name, ...aliases].includes(flag.slice(2))
      : short === flag[1] && flag.length === 2,
  );
}

/** True where the manual page is asked for, before any command that is not fleet's own. */
export function asksForHelp(argv: readonly string[], command: Command): boolean {
  const end = argv.findIndex((word) => word === '--help' || word === '-h');
  if (end < 0) return false;
  try {
    return !plainArguments(argv.slice(0, end), command).includes('--');
  } catch {
    return false;
  }
}

/** Takes the arguments of a command apart. EUSAGE says what is wrong, and what was probably meant. */
export async function parseArguments(argv: readonly string[], command: Command): Promise<Arguments> {
  const plain = plainArguments(argv, command);
  // A command without options starts without commander.
  const bare = command.options.length === 0 && !plain.some((word) => word.startsWith('-'));
  const { values, words } = bare ? { values: new Map(), words: plain } : await commanderParse(plain, command);
  const verb = verbOf(words, command);
  if (verb !== '') words.shift();
  if (command.operands === 'none' && words.length > 0) {
    throw new FleetError(
      'EUSAGE',
      `fleet ${command.name} takes no argument '${words[0]}'; see: fleet help ${command.name}`,
    );
  }
  for (const option of command.options) {
    if (values.has(option.name) && option.verbs && !option.verbs.includes(verb)) {
      throw new FleetError(
        'EUSAGE',
        `--${option.name} does not belong to: fleet ${command.name} ${verb}`.trimEnd(),
      );
    }
  }
  return new Arguments(verb, words, values);
}

async function commanderParse(plain: string[], command: Command) {
  const commander = await import('commander');
  const program = new commander.Command(command.name)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .helpOption(false)
    .allowExcessArguments();
  const values = new Map<string, string[]>();
  for (const { name, short, value, pairs } of command.options) {
    const flags = `${short ? `-${short}, ` : ''}--${name}${value || pairs ? ' <value>' : ''}`;
    program.option(flags, '').on(`option:${name}`, (given: unknown) => {
      values.set(name, [...(values.get(name) ?? []), ...(typeof given === 'string' ? [given] : [])]);
    });
  }
  try {
    program.parse(plain, { from: 'user' });
  } catch (cause) {
    if (cause instanceof commander.CommanderError) throw usageError(cause, command);
    throw cause;
  }
  return { values, words: [...program.args] };
}

/** Commander's words on one line, with the option that was probably meant. */
function usageError(cause: Error, { name, options }: Command): FleetError {
  const message = cause.message.replace(/^error: /, '').split('\n', 1)[0] ?? '';
  const unknown = /^unknown option '--?([^'=]+)/.exec(message)?.[1];
  const known = options.flatMap((option) => [option.name, ...(option.aliases ?? [])]);
  const meant = unknown && closest(unknown, known);
  const hint = meant ? `did you mean --${meant}?` : `see: fleet help ${name}`;
  return new FleetError('EUSAGE', `${message}; ${hint}`, { cause });
}

/** The first word, where it is one of the command's verbs. A verb without a name is what the command does without. */
function verbOf(words: string[], { name, verbs = [] }: Command): string {
  const [word] = words;
  if (word === undefined) return '';
  const verb = verbs.find((one) => one.name === word || one.aliases?.includes(word));
  if (verb) return verb.name;
  const names = verbs.map((one) => one.name);
  if (names.length === 0 || names.includes('')) return '';
  const meant = closest(word, names);
  const hint = meant ? `did you mean ${meant}?` : `there are: ${names.join(', ')}`;
  throw new FleetError('EUSAGE', `fleet ${name} has no '${word}'; ${hint}`);
}
