import { execFile } from 'node:child_process';
import { limitedGit } from './limits.ts';

/** What reading a few files takes, and no more, whatever somebody has pushed. */
export const MEMORY_BYTES = 256 * 1024 ** 2;
const MAX_OUTPUT_BYTES = 8 * 1024 ** 2;

/**
 * Runs a git on what others have pushed, in `cwd`, with exactly this environment and little memory, and returns its output,
 * trimmed. Rejects with an Error whose message is all that it has said if its status is not 0.
 */
export function gitWithLimits(cwd: string, args: string[], env: Record<string, string>): Promise<string> {
  const command = limitedGit(args, { memoryBytes: MEMORY_BYTES, pushBytes: 0 });
  return new Promise((resolve, reject) => {
    execFile(
      command.file,
      command.args,
      { cwd, env, maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${stdout}${stderr}` || error.message, { cause: error }));
        else resolve(stdout.trim());
      },
    );
  });
}
