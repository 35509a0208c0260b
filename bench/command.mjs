import { spawn } from 'node:child_process';

/**
 * Runs a command. Returns the milliseconds from before its start until it has ended and its output is read, and its
 * standard output. Throws with its output if it fails.
 */
export function run([file, ...args], options = {}) {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const ms = performance.now() - from;
      if (code === 0) return resolve({ ms, stdout });
      reject(new Error(`${[file, ...args].join(' ')} ended with ${signal ?? code}: ${stderr || stdout}`));
    });
  });
}

/** Returns the milliseconds that a command takes. */
export async function time(argv, options) {
  return (await run(argv, options)).ms;
}

/** Returns the milliseconds that `work` takes. */
export async function timeOf(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** The floor for every command: node doing nothing. */
export const NODE_FLOOR = [process.execPath, '-e', '0'];
