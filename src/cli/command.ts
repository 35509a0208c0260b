import type { Arguments } from './arguments.ts';
import type { Io } from './io.ts';

/** What a shell asks fleet for; see completion-words.ts. */
export type Sought =
  | 'drones'
  | 'ids'
  | 'refs'
  | 'releases'
  | 'remotes'
  | 'repos'
  | 'services'
  | 'stages'
  | 'variables';

/** The declaration of an option, from which the parser, the manual page and the completions are made. */
export interface Option {
  /** `drone` for `--drone`. */
  name: string;
  /** `n` for `-n`. */
  short?: string;
  /** Other names that mean the same. */
  aliases?: string[];
  /** What other programs call it: the error for an unknown option then names this one. */
  elsewhere?: string[];
  /** What its value is called, such as `NAME` in `--drone=NAME`. An option without one takes no value. */
  value?: string;
  /** Its value if it is given without one: then a value must be written with `=`. */
  otherwise?: string;
  /** May be given more than once. */
  repeat?: true;
  /** Given as `--env.NAME=VALUE`, any number of times. */
  pairs?: true;
  /** One or more sentences, with code in backticks. */
  help: string;
  /** The verbs that it belongs to; by default all of them. */
  verbs?: string[];
  /** What a shell completes its value to: a file, what it asks fleet for, or one of these words. */
  completes?: 'file' | Sought | readonly string[];
}

/** A subcommand, such as `add` of `fleet remote add`. The one with an empty name is what the command does without any. */
export interface Verb {
  name: string;
  aliases?: string[];
  summary: string;
}

/** What may follow a command's options: nothing, words, or the command line of another program. */
export type Operands = 'none' | 'words' | 'command';

/** The declaration of one of fleet's commands. */
export interface Command {
  name: string;
  /** A few words, as shown by `fleet help`. */
  summary: string;
  /** What may follow `fleet NAME`: a line for each form. */
  synopsis: string[];
  operands: Operands;
  /** What a shell completes its words to; none of them is a file. */
  completes?: Sought;
  /** The option that a bare word was probably meant for, if the command takes none. */
  wordMeans?: string;
  verbs?: Verb[];
  options: Option[];
  /** Paragraphs. */
  description: string[];
  examples: (readonly [what: string, code: string])[];
  /** By default 0, 1 and 2 with their usual meanings. */
  exitStatus?: (readonly [status: string, meaning: string])[];
  environment: (readonly [name: string, meaning: string])[];
  /** Other pages, such as `fleet-ps(1)`. */
  seeAlso: string[];
  /**
   * Runs the command and returns its exit status. It loads its modules only now. `commands` loads all of fleet's
   * commands: this one is among them, so it cannot import the list. Throws FleetError.
   */
  run(args: Arguments, io: Io, commands: () => Promise<readonly Command[]>): Promise<number>;
}
