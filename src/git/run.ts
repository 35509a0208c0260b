import { simpleGit } from 'simple-git';

/**
 * simple-git starts git, collects what it prints, and turns an exit status into an error with git's own words; it also
 * refuses arguments and variables by which git would run another program, but for the kinds that fleet sets itself.
 * Nothing more of it is used: fleet's questions are plumbing, and what streams at the hub never stands in memory whole.
 */
const OPTIONS = {
  // Its default waits another 50 ms when git has ended.
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
 * Runs a short git in `cwd`, in this environment and no other, and returns what it printed, trimmed. Rejects with an
 * Error that has all it said if its status is not 0.
 */
export async function git(cwd: string, args: string[], env: Record<string, string>): Promise<string> {
  const concealed = Object.entries(env).map(([name, value]) => [name, new Concealed(value)]);
  const runner = simpleGit(cwd, OPTIONS).env(Object.fromEntries(concealed)).outputHandler(breakSilence);
  return (await runner.raw(args)).trim();
}

/** If git has printed nothing, simple-git waits 50 ms for more to come: an empty chunk, when all has come, is something. */
function breakSilence(_command: string, stdout: NodeJS.ReadableStream): void {
  stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
}

/** With DEBUG set, simple-git prints the environment that it is given: the secret in there shows to git only. */
class Concealed {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}
