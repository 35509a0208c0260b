import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { FleetError } from '../../protocol/errors.ts';

const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 16 * 2 ** 20;

const PROGRAM = `
const [url, mark] = process.argv.slice(1);
import(url).then(async (module) => {
  const found = module.default ?? module;
  const text = JSON.stringify(await (typeof found === 'function' ? found() : found)) ?? 'null';
  process.stdout.write(mark + text, () => process.exit(0));
});`;

/**
 * Returns what a JavaScript file exports, as far as JSON has it. It runs in a process of its own, in the directory `cwd`.
 * Throws ECONFIG if it fails, or takes more than 10 s.
 */
export async function evaluate(path: string, cwd: string, node: string): Promise<unknown> {
  // Before the result, since what the file prints itself comes on the same stream.
  const mark = randomUUID();
  const words = ['--input-type=commonjs', '-e', PROGRAM, pathToFileURL(path).href, mark];
  try {
    const { stdout } = await promisify(execFile)(node, words, {
      cwd,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    return JSON.parse(stdout.slice(stdout.lastIndexOf(mark) + mark.length));
  } catch (cause) {
    throw new FleetError('ECONFIG', `${path} cannot be evaluated: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  const { killed, stderr = '', message } = error as Error & { killed?: boolean; stderr?: string };
  if (killed) return `it has not ended within ${TIMEOUT_MS / 1000} s`;
  return /^\w*Error.*$/m.exec(stderr)?.[0] ?? message.split('\n', 1)[0] ?? '';
}
