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
  /** What other programs call it: whoever types that is told its name. */
  elsewhere?: string[];
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

/** Everything about one subcommand of fleet. */
export interface Command {
  name: string;
  /** A few words, as `fleet help` lists it. */
  summary: string;
  /** What may follow `fleet NAME`, one line for each form. */
  synopsis: string[];
  operands: Operands;
  /** The option that a bare word was probably meant for, if the command takes none. */
  wordMeans?: string;
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
  /**
   * Does it, and returns the exit status. Loads what it needs only now. `commands` are all of fleet's: this one is among
   * them, and so cannot import them. Throws FleetError.
   */
  run(args: Arguments, io: Io, commands: readonly Command[]): Promise<number>;
}
