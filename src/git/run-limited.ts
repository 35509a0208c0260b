import { type ExecFileException, execFile } from 'node:child_process';
import { FleetError } from '../protocol/errors.ts';
import { limitedGit, limitReached } from './limits.ts';

/** What reading a few files takes, and no more, whatever somebody has pushed. */
export const MEMORY_BYTES = 256 * 1024 ** 2;
const FEW_FILES: Most = { memoryBytes: MEMORY_BYTES, outputBytes: 8 * 1024 ** 2 };
/** What a shell ends with if a program cannot be started. sh(1) */
const NOT_STARTED = [126, 127];

/** What a git may need. */
export interface Most {
  memoryBytes: number;
  outputBytes: number;
}

/**
 * Runs a git on what others have pushed, in `cwd`, with exactly this environment and so much memory, and returns its output,
 * trimmed. Rejects with an Error whose message is all that it has said if its status is not 0, and with ELIMIT if it needed more
 * than it may, or was ended.
 */
export function gitWithLimits(
  cwd: string,
  args: string[],
  env: Record<string, string>,
  { memoryBytes, outputBytes }: Most = FEW_FILES,
): Promise<string> {
  const command = limitedGit(args, { memoryBytes, pushBytes: 0 });
  return new Promise((resolve, reject) => {
    execFile(command.file, command.args, { cwd, env, maxBuffer: outputBytes }, (error, stdout, stderr) => {
      if (error) reject(failure(error, `${stdout}${stderr}`));
      else resolve(stdout.trim());
    });
  });
}

/** Returns why a git failed that has said this: whoever takes that for damage must not do so with a git that was ended. */
function failure(error: ExecFileException, said: string): Error {
  const limit = limitReached(said) ?? limitReached(error.message);
  const hasEnded =
    typeof error.code === 'number' && error.signal == null && !NOT_STARTED.includes(error.code);
  if (hasEnded && limit === null) return new Error(said || error.message, { cause: error });
  return new FleetError('ELIMIT', limit ?? `git was ended: ${error.message.slice(0, 200)}`, { cause: error });
}
