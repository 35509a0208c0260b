import { visible, visibleJson } from '../system/visible.ts';

/** A stream that a command writes to: a terminal, a pipe or a file. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  /** The size of a terminal. */
  readonly columns?: number;
  readonly rows?: number;
  /** True while there is no room for more. */
  readonly writableNeedDrain?: boolean;
};

/** Where results and messages are written. */
export interface Output {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Writes a short text of fleet's own to standard output without the time that node takes to create a stream. */
  printFixed(text: string): void;
}

export interface Input {
  readonly stdin: NodeJS.ReadableStream & {
    readonly isTTY?: boolean;
    readonly bytesRead?: number;
    /** Of a terminal: whether each key is a byte, without any meaning of its own. */
    setRawMode?(isRaw: boolean): unknown;
  };
  /** True if the program that started this one reads the same input, as a loop or a script of a shell does. */
  sharesStdin(): boolean;
}

/** Where a command was run. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** How this fleet is installed. */
export interface Installation {
  /** The directory of the package, with `man/` in it. */
  readonly root: string;
  /** How to start this program again. */
  readonly self: readonly [node: string, script: string];
}

/** The process that runs a command. */
export interface OwnProcess {
  /** Handles a signal, which would otherwise end the process. */
  onSignal(signal: NodeJS.Signals, handler: () => void): void;
  /** Ends the process at once, as the signal would by default: shells see 128 + its number. */
  dieOf(signal: NodeJS.Signals): void;
  /** From now on, output that cannot be written is lost and does not end the process. */
  outliveReaders(): void;
  /** Sets what `ps` of this machine shows as the command line of the process. */
  setTitle(title: string): void;
  /** Sets options of V8. */
  setV8Flags(flags: readonly string[]): Promise<void>;
  /** Has V8 collect all garbage at once, and give back memory that it keeps for more. */
  giveBackMemory(): Promise<void>;
}

/** Everything outside of itself that a command may use. */
export interface Io extends Output, Input, Surroundings, Installation, OwnProcess {}

/** Writes a result. Text on a terminal is made safe. */
export function say({ stdout }: Pick<Output, 'stdout'>, text: string): void {
  stdout.write(`${stdout.isTTY ? visible(text) : text}\n`);
}

/** Writes a result as JSON for a program, in several lines. It may end on a terminal all the same. */
export function sayJson({ stdout }: Pick<Output, 'stdout'>, value: unknown): void {
  stdout.write(`${visibleJson(value, null, 2)}\n`);
}

/** Writes what is not a result: a hint, a warning, a line of a log. It is for people, wherever it goes first. */
export function note({ stderr }: Pick<Output, 'stderr'>, text: string): void {
  stderr.write(`${visible(text)}\n`);
}
