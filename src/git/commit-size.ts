import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { limitedGit } from './limits.ts';
import { MEMORY_BYTES } from './run-limited.ts';

/** What most file systems round the size of a file up to. */
const BLOCK_BYTES = 4096;
/** How much of git's errors is kept. */
const MAX_COMPLAINT_CHARACTERS = 2_000;

/** What the checkout of a commit takes. */
export interface CommitSize {
  /** Files, directories and submodules. */
  files: number;
  /** On disk. */
  bytes: number;
}

/**
 * Returns the size of a commit that the mirror has. Stops counting when there is more of either than `most`: a tree of a
 * few hundred bytes may have billions of files. Throws EGIT.
 */
export async function commitSize(
  mirror: string,
  commit: string,
  most: CommitSize = { files: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY },
  extra: Record<string, string> = {},
): Promise<CommitSize> {
  const env = fleetEnvironment(dirname(mirror), extra);
  return sizeIn(spawn('git', listOf(mirror, commit), { cwd: mirror, env }), most);
}

/** The same of what others have pushed to a repository, with little memory. */
export async function pushedSize(repository: string, commit: string, most: CommitSize): Promise<CommitSize> {
  const { file, args } = limitedGit(listOf(repository, commit), { memoryBytes: MEMORY_BYTES, pushBytes: 0 });
  const env = fleetEnvironment(dirname(repository));
  return sizeIn(spawn(file, args, { cwd: repository, env }), most);
}

function listOf(repository: string, commit: string): string[] {
  return ['--git-dir', repository, 'ls-tree', '-r', '-t', '-l', '-z', commit];
}

async function sizeIn(child: ChildProcessWithoutNullStreams, most: CommitSize): Promise<CommitSize> {
  const tree = new TreeSize();
  let isTooLarge = false;
  let complaint = '';
  child.stdout.setEncoding('latin1').on('data', (piece: string) => {
    if (isTooLarge) return;
    tree.add(piece);
    isTooLarge = tree.files > most.files || tree.bytes > most.bytes;
    if (isTooLarge) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    complaint = (complaint + piece).slice(-MAX_COMPLAINT_CHARACTERS);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).catch((cause: unknown) => {
    throw gitError(cause, 'git ls-tree');
  });
  if (code !== 0 && !isTooLarge) throw gitError(new Error(complaint), 'git ls-tree');
  return { files: tree.files, bytes: tree.bytes };
}

/** Adds up the output of `git ls-tree -t -l -z`, in whatever pieces it comes. */
export class TreeSize {
  files = 0;
  bytes = 0;
  private rest = '';

  add(piece: string): void {
    const entries = (this.rest + piece).split('\0');
    this.rest = entries.pop() ?? '';
    for (const entry of entries) {
      const [, size] = /^\d+ \w+ \w+ +(\d+|-)\t/.exec(entry) ?? [];
      if (size === undefined) continue;
      this.files++;
      // Directories and submodules, whose size is `-`, take a block.
      this.bytes += size === '-' ? BLOCK_BYTES : Math.ceil(Number(size) / BLOCK_BYTES) * BLOCK_BYTES;
    }
  }
}
