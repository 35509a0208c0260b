import { simpleGit } from 'simple-git';

/**
 * simple-git starts git, collects its output, and turns a failure into an error with git's message; it also refuses
 * arguments and variables that would make git run another program, except for the kinds that fleet itself sets. That is all
 * that fleet uses of it: it asks git for plumbing output, and streams on the hub must not be held in memory.
 */
const OPTIONS = {
  // By default, it waits another 50 ms after git has ended.
  completion: { onClose: true, onExit: false },
  allowEnvironment: [
    'GIT_TERMINAL_PROMPT',
    'GIT_OPTIONAL_LOCKS',
    'GIT_CEILING_DIRECTORIES',
    'GIT_ALLOW_PROTOCOL',
    'GIT_ATTR_NOSYSTEM',
    'GIT_CONFIG_NOSYSTEM',
    'GIT_CONFIG_GLOBAL',
    'GIT_CONFIG_SYSTEM',
  ],
  errors: (error: Buffer | Error | undefined, result: GitResult) =>
    result.exitCode === 0 ? error : Buffer.concat([...result.stdErr, ...result.stdOut]),
  unsafe: { allowUnsafeConfigPaths: true, allowUnsafeFsMonitor: true, allowUnsafeHooksPath: true },
};

interface GitResult {
  exitCode: number;
  stdErr: Buffer[];
  stdOut: Buffer[];
}

/**
 * Runs a short-lived git in `cwd`, with exactly this environment, and returns its output, trimmed. `onError` gets chunks of
 * its standard error as they come. Rejects with an Error whose message is all of its output if its status is not 0.
 */
export async function git(
  cwd: string,
  args: string[],
  env: Record<string, string>,
  onError?: (chunk: Buffer) => void,
): Promise<string> {
  const concealed = Object.entries(env).map(([name, value]) => [name, new Concealed(value)]);
  const runner = simpleGit(cwd, OPTIONS)
    .env(Object.fromEntries(concealed))
    .outputHandler((_command, stdout, stderr) => {
      breakSilence(stdout);
      if (onError) stderr.on('data', onError);
    });
  return (await runner.raw(args)).trim();
}

/** simple-git waits 50 ms for the output of a git that has printed nothing. An empty chunk at the end counts as output. */
function breakSilence(stdout: NodeJS.ReadableStream): void {
  stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
}

/** Hides the environment, and so the secret, from simple-git's own output: it prints all that it is given if DEBUG is set. */
class Concealed {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}
