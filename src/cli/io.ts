import { visible } from './text.ts';

/** What a command may touch of the world around it. */
export interface Io {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Writes a short text of fleet's own to standard output, sooner than a stream of node's is made. */
  printFixed(text: string): void;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The directory of the package: where `man/` is. */
  readonly root: string;
  /** How this very program is started again: node, and the script. */
  readonly self: readonly [node: string, script: string];
  /** Takes a signal over. Without this, signals end the process as they end any. */
  onSignal(signal: NodeJS.Signals, handler: () => void): void;
  /** Ends this process at once, as an untouched signal would have: shells then see 128 + its number. */
  dieOf(signal: NodeJS.Signals): void;
  /** From now on, output that cannot be written is lost, and no reason to end. */
  outliveReaders(): void;
  /** What `ps` of this machine shows as this process's command line from now on. */
  setTitle(title: string): void;
  /** Sets options of V8 for this process. */
  setV8Flags(flags: readonly string[]): Promise<void>;
}

/** Writes a result. On a terminal, no text can do more than be read. */
export function say({ stdout }: Pick<Io, 'stdout'>, text: string): void {
  stdout.write(`${stdout.isTTY ? visible(text) : text}\n`);
}

/** Writes what is no result: a hint, a warning, a failure of one of many. */
export function note({ stderr }: Pick<Io, 'stderr'>, text: string): void {
  stderr.write(`${stderr.isTTY ? visible(text) : text}\n`);
}
