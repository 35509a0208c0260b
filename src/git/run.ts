import { execFile } from 'node:child_process';
import { gitEnvironment } from './environment.ts';

/**
 * Asks git something about a checkout that it answers at once, and gives its words. simple-git, which moves commits,
 * takes longer to load than git to answer. Rejects with git's own words.
 */
export function askGit(cwd: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: gitEnvironment(), maxBuffer: 1 << 28 };
    execFile('git', args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout.trim());
      // Without a status it never ran, and nothing was said.
      reject(typeof error.code === 'number' ? new Error(stderr || stdout, { cause: error }) : error);
    });
  });
}
