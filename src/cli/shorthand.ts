import { FleetError } from '../protocol/errors.ts';
import { ENV_NAME_PATTERN } from '../protocol/names.ts';
import type { Command, Option } from './command.ts';

/** An option as it was typed: `--env.X=V` has the flag `--env`, the key `X` and the value `V`. */
export interface Given {
  option: Option;
  flag: string;
  key: string | undefined;
  value: string | undefined;
}

const HELP = ['-h', '--help'];

/**
 * Rewrites what commander does not know: `+NAME` to `--remote=NAME`, `--env.X=V` and `--env.X V` to `--env=X=V`, and
 * `-n=5` to `-n 5`. Other words stay as they are, and so does everything from `--` or from the first word of another
 * program's command line on. If the words ask for help, only that remains. Throws EUSAGE if an option lacks its value:
 * commander would take the next option for the value.
 */
export function expandShorthand(argv: readonly string[], { operands, options }: Command): string[] {
  const expanded: string[] = [];
  const hasRemote = options.some(({ name }) => name === 'remote');
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (HELP.includes(word)) return [word];
    const given = findOption(word, options);
    if (given) expanded.push(...spellOut(word, given, rest, options));
    else if (word.startsWith('+') && hasRemote) expanded.push(`--remote=${word.slice(1)}`);
    else if (word === '--' || (operands === 'command' && !/^-./s.test(word)))
      return [...expanded, word, ...rest];
    else expanded.push(word);
  }
  return expanded;
}

/** Parses a word as one of these options; returns undefined if it is not. */
export function findOption(word: string, options: Option[]): Given | undefined {
  const [, flag, key, value] = /^(--?[^-.=][^.=]*)(?:\.([^=]*))?(?:=(.*))?$/s.exec(word) ?? [];
  if (flag === undefined) return undefined;
  const option = options.find(({ name, aliases = [], short }) =>
    flag.startsWith('--') ? [name, ...aliases].includes(flag.slice(2)) : flag === `-${short}`,
  );
  return option && (key === undefined || option.pairs) ? { option, flag, key, value } : undefined;
}

/** Returns an option with its value, which is taken from `rest` if the word does not contain it. */
function spellOut(word: string, { option, flag, key, value }: Given, rest: string[], options: Option[]) {
  if (option.pairs) {
    checkKey(option, key);
    const own = value ?? takeValue(`${flag}.${key}`, 'VALUE', rest, options);
    return [`--${option.name}=${key}=${own}`];
  }
  if (option.value && value !== undefined && !flag.startsWith('--')) return [flag, value];
  if (!option.value || value !== undefined) return [word];
  if (option.otherwise !== undefined) return [`${word}=${option.otherwise}`];
  return [word, takeValue(flag, option.value, rest, options)];
}

function checkKey({ name }: Option, key: string | undefined): void {
  if (key !== undefined && ENV_NAME_PATTERN.test(key)) return;
  const what = key ? `'${key}' cannot name a variable` : `--${name} needs the variable's name`;
  throw new FleetError('EUSAGE', `${what}: write --${name}.NAME=VALUE`);
}

/** A value may begin with `--`, as a PEM file does, unless it is an option of the same command. */
function takeValue(flag: string, placeholder: string, rest: string[], options: Option[]): string {
  const word = rest.shift();
  const isOption = word?.startsWith('--') && (HELP.includes(word) || findOption(word, options) !== undefined);
  if (word !== undefined && word !== '--' && !isOption) return word;
  throw new FleetError('EUSAGE', `${flag} needs a value: ${flag}=${placeholder}`);
}
