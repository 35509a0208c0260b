import { FleetError } from '../protocol/errors.ts';
import { ENV_NAME_PATTERN } from '../protocol/names.ts';
import type { Command, Option } from './command.ts';

/** An option as it was typed: `--env.X=V` has the flag `--env`, the key `X` and the value `V`. */
interface Given {
  option: Option;
  flag: string;
  key: string | undefined;
  value: string | undefined;
}

const HELP = ['-h', '--help'];

/**
 * Returns the arguments without what commander does not know: `+NAME` becomes `--remote=NAME`, `--env.X=V` and
 * `--env.X V` become `--env=X=V`, and `-n=5` becomes `-n 5`. All other words stay as they are, and so does everything
 * from `--` or from the first word of another program's command line on. If they ask for help, only that is left.
 * Throws EUSAGE if an option lacks its value: commander would take the option that follows for it.
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

/** Returns the option that a word is, with its parts; undefined if it is none of these. */
export function findOption(word: string, options: Option[]): Given | undefined {
  const [, flag, key, value] = /^(--?[^-.=][^.=]*)(?:\.([^=]*))?(?:=(.*))?$/s.exec(word) ?? [];
  if (flag === undefined) return undefined;
  const option = options.find(({ name, aliases = [], short }) =>
    flag.startsWith('--') ? [name, ...aliases].includes(flag.slice(2)) : flag === `-${short}`,
  );
  return option && (key === undefined || option.pairs) ? { option, flag, key, value } : undefined;
}

/** Returns the option with its value, which it takes from the `rest` if it is not part of the word. */
function spellOut(word: string, { option, flag, key, value }: Given, rest: string[], options: Option[]) {
  if (option.pairs) {
    checkKey(option, key);
    const own = value ?? takeValue(`${flag}.${key}`, 'VALUE', rest, options);
    return [`--${option.name}=${key}=${own}`];
  }
  if (option.value && value !== undefined && !flag.startsWith('--')) return [flag, value];
  if (!option.value || value !== undefined) return [word];
  return [word, takeValue(flag, option.value, rest, options)];
}

function checkKey({ name }: Option, key: string | undefined): void {
  if (key !== undefined && ENV_NAME_PATTERN.test(key)) return;
  const what = key ? `'${key}' cannot name a variable` : `--${name} needs the variable's name`;
  throw new FleetError('EUSAGE', `${what}: write --${name}.NAME=VALUE`);
}

/** A value may begin with `--`, as a PEM file does, but an option of the same command is not a value. */
function takeValue(flag: string, placeholder: string, rest: string[], options: Option[]): string {
  const word = rest.shift();
  const isOption = word?.startsWith('--') && (HELP.includes(word) || findOption(word, options) !== undefined);
  if (word !== undefined && word !== '--' && !isOption) return word;
  throw new FleetError('EUSAGE', `${flag} needs a value: ${flag}=${placeholder}`);
}
