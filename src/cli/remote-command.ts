import type { Client, Execution } from '../client/types.ts';
import { FleetError } from '../protocol/errors.ts';
import { noteAbsent } from './absent.ts';
import type { Arguments } from './arguments.ts';
import type { Option } from './command.ts';
import { givenEnv } from './env-file.ts';
import { note, type Output, type Surroundings } from './io.ts';
import { findOption, type Given } from './shorthand.ts';
import type { Target } from './target.ts';

/**
 * Returns the command that `spawn` or `exec` is to run. Warns if one of fleet's options comes after it without `--`: it
 * belongs to the command then, which is seldom meant. Throws EUSAGE if there is no command.
 */
export function commandOf(args: Arguments, name: string, options: Option[], io: Output): string[] {
  const { words, dashed } = args;
  if (!words[0]) throw new FleetError('EUSAGE', `say which command to run: fleet ${name} -- COMMAND`);
  const misplaced = dashed ? undefined : misplacedOption(words, options);
  if (misplaced !== undefined) {
    note(
      io,
      `warning: ${misplaced} comes after the command, so it is passed to ${words[0]}; fleet's own options go before the command; to pass it on purpose, write -- before the command`,
    );
  }
  return words;
}

function misplacedOption([, ...words]: string[], options: Option[]): string | undefined {
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);
  const given = before.map((word) => (word.startsWith('--') ? findOption(word, options) : undefined));
  return given.find((one) => one !== undefined && couldBe(one))?.flag;
}

/** False if the option is another program's: `--port=8080` is none of the values that fleet's own takes. */
function couldBe({ option: { completes }, value = '' }: Given): boolean {
  return !Array.isArray(completes) || completes.includes(value);
}

/** Returns the options that `spawn` and `exec` pass to the client. */
export function runOptions(args: Arguments, { cwd }: Surroundings, target: Target, command: string[]) {
  return {
    command,
    dir: cwd,
    repo: args.text('repo') ?? target.repo,
    commit: args.text('commit'),
    drones: args.list('drone'),
    strict: args.has('strict'),
    cwd: args.text('cwd'),
    env: { ...target.env, ...givenEnv(args, cwd) },
    appEnv: args.has('app-env') ? { stage: args.text('app-env') || null } : undefined,
  };
}

/** Returns the names of the drones if a command was not found; none if the token may not list them. */
export async function namesAfter(
  failures: (FleetError | null)[],
  client: Pick<Client, 'drones'>,
): Promise<string[]> {
  if (!failures.some((error) => error?.code === 'ESPAWN')) return [];
  return (await client.drones().catch(() => [])).map(({ name }) => name);
}

/**
 * Returns why a command could not be started. If it is a whole command line in one word, or begins with one of these drones,
 * it says how to write that.
 */
export function failureText({ code, message }: FleetError, command: string[], drones: string[]): string {
  const [word = '', ...more] = command;
  if (code !== 'ESPAWN') return message;
  if (drones.includes(word))
    return `${message}; ${word} is a drone: write --drone=${word} -- ${more.join(' ') || 'COMMAND'}`;
  if (more.length > 0 || !/\S\s+\S/.test(word)) return message;
  return `${message}; it is one word: write -- ${word} without quotes, or with a shell: -- sh -c '${word}'`;
}

/** Says on which drones it was not started, and why. */
export async function noteStart(
  { absent, failed }: Pick<Execution, 'absent' | 'failed'>,
  command: string[],
  client: Client,
  io: Output,
): Promise<void> {
  noteAbsent(absent, 'left out', io);
  const errors = failed.map(({ error }) => error);
  const names = await namesAfter(errors, client);
  for (const { drone, error } of failed) note(io, `[${drone}] ${failureText(error, command, names)}`);
}
