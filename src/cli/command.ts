import type { Arguments } from './arguments.ts';
import type { Io } from './io.ts';

/** An option, as it is declared once: parser, help, manual page and completion come from this. */
export interface Option {
  /** `drone` for `--drone`. */
  name: string;
  /** `n` for `-n`. */
  short?: string;
  /** Other names that mean the same. */
  aliases?: string[];
  /** What its value is called, `NAME` in `--drone=NAME`; an option without one is on or off. */
  value?: string;
  /** May be given more than once. */
  repeat?: true;
  /** Given as `--env.NAME=VALUE`, any number of times. */
  pairs?: true;
  /** A sentence; code between backticks. */
  help: string;
  /** The subcommands that it belongs to; all of them when left out. */
  verbs?: string[];
  /** What a shell may complete its value to. */
  completes?: 'file' | readonly string[];
}

/** A subcommand, such as `add` of `fleet remote add`. One without a name is what the command does without any. */
export interface Verb {
  name: string;
  aliases?: string[];
  summary: string;
}

/** What stands behind a command's options: nothing, words, or a command line that is nobody's but the command's. */
export type Operands = 'none' | 'words' | 'command';

/** One page of the manual. Text may have code between backticks; a paragraph that starts with two spaces is code. */
export interface Page {
  /** As in `man NAME`. */
  name: string;
  section: 1 | 5;
  summary: string;
  synopsis: string[];
  description: string[];
  options: readonly { term: string; help: string }[];
  examples: readonly (readonly [what: string, code: string])[];
  exitStatus: readonly (readonly [status: string, meaning: string])[];
  environment: readonly (readonly [name: string, meaning: string])[];
  seeAlso: readonly string[];
}

/** Everything about one subcommand of fleet. */
export interface Command {
  name: string;
  /** A few words, as `fleet help` lists it. */
  summary: string;
  /** What may follow `fleet NAME`, one line for each form. */
  synopsis: string[];
  operands: Operands;
  verbs?: Verb[];
  options: Option[];
  /** Paragraphs. */
  description: string[];
  examples: (readonly [what: string, code: string])[];
  /** Beside the usual 0, 1 and 2. */
  exitStatus?: (readonly [status: string, meaning: string])[];
  environment: (readonly [name: string, meaning: string])[];
  /** Other pages, such as `fleet-ps(1)`. */
  seeAlso: string[];
  /** Does it, and gives the exit status. Loads what it needs only now. Throws FleetError. */
  run(args: Arguments, io: Io): Promise<number>;
}

/** `--drone=NAME`, `--env.NAME=VALUE`, `-n, --lines=N`: an option as one types it. */
export function optionTerm({ name, short, value, pairs }: Option): string {
  const long = pairs ? `--${name}.NAME=VALUE` : `--${name}${value ? `=${value}` : ''}`;
  return short ? `-${short}, ${long}` : long;
}

const EXIT_STATUS = [
  ['0', 'All of it worked.'],
  ['1', 'It did not work, or not everywhere; standard error says what and why.'],
  ['2', 'The command line is wrong, or names no hub.'],
] as const;

/** The manual page of a command. */
export function pageOf(command: Command): Page {
  const { name, summary, synopsis, description, options, examples, environment, seeAlso } = command;
  const help = { term: '-h, --help', help: 'Shows this page.' };
  return {
    name: `fleet-${name}`,
    section: 1,
    summary: summary.replace(/\.$/, ''),
    synopsis: synopsis.map((form) => `fleet ${name}${form && ` ${form}`}`),
    description,
    options: [...options.map((option) => ({ term: optionTerm(option), help: option.help })), help],
    examples,
    exitStatus: command.exitStatus ?? EXIT_STATUS,
    environment: [
      ...environment,
      ['FLEET_DEBUG', 'Set to 1, an error is shown with its stack and its causes.'],
    ],
    seeAlso: [...seeAlso, 'fleet(1)'],
  };
}
