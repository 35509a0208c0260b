import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { ZERO } from './push-head.ts';
import { git } from './run.ts';

/** A ref that is set only if it is where it is thought to be; {@link ZERO} stands for none. */
export interface RefChange {
  ref: string;
  before: string;
  after: string;
}

/** Returns the branches and tags of a bare repository with their objects. Throws EGIT. */
export async function branchesAndTags(repository: string): Promise<Map<string, string>> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads/', 'refs/tags/'];
  const lines = (await ask(repository, args)).split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** Returns those of some objects that are not in a bare repository. Throws EGIT. */
export async function missingIn(repository: string, objects: readonly string[]): Promise<string[]> {
  if (objects.length === 0) return [];
  const said = await feed(repository, ['cat-file', '--batch-check'], `${objects.join('\n')}\n`);
  return said.split('\n').flatMap((line) => (line.endsWith(' missing') ? [line.slice(0, 40)] : []));
}

/** Changes all of some refs, or none. Throws EGIT, also if one is somewhere else. */
export async function changeRefs(repository: string, changes: readonly RefChange[]): Promise<void> {
  // A branch may have the name of a folder of one that goes.
  for (const some of [changes.filter(({ after }) => after === ZERO), changes.filter(isSet)]) {
    if (some.length === 0) continue;
    const lines = some.map(({ ref, before, after }) => `update ${ref} ${after} ${before}\n`);
    await feed(repository, ['update-ref', '--stdin'], lines.join(''));
  }
}

const isSet = ({ after }: RefChange) => after !== ZERO;

async function ask(repository: string, args: string[]): Promise<string> {
  try {
    return await git(repository, ['--git-dir', repository, ...args], fleetEnvironment(dirname(repository)));
  } catch (cause) {
    throw gitError(cause, `git ${args[0]}`);
  }
}

/** Runs a git that reads `input`, and returns its output. */
function feed(repository: string, args: string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = fleetEnvironment(dirname(repository));
    const child = spawn('git', ['--git-dir', repository, ...args], { env });
    const output: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    child.stdin.on('error', () => {}); // It may end before it has read everything.
    const fail = (cause: Error) => reject(gitError(cause, `git ${args[0]}`));
    child.once('error', fail);
    child.once('close', (code) =>
      code === 0 ? resolve(Buffer.concat(output).toString()) : fail(new Error(said)),
    );
    child.stdin.end(input);
  });
}
