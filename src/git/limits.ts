import { availableParallelism, totalmem } from 'node:os';

/** What a git of a hub may use. */
export interface GitLimits {
  /** Memory of one git process. */
  memoryBytes: number;
  /** Memory of all git processes together. */
  allBytes: number;
  /** The largest pack of a push. */
  pushBytes: number;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** An eighth of the machine, but what git needs for most repositories, and no more than what it needs for all. */
const usualMemoryBytes = () => Math.min(4 * GIB, Math.max(GIB, Math.floor(totalmem() / 8)));

/** Returns the limits, of which those that are not given are as usual. */
export function limitsOf(memory?: number, pushBytes = 4 * GIB, all?: number): GitLimits {
  const allBytes = all ?? Math.max(memory ?? GIB, Math.floor(totalmem() / 2));
  return { memoryBytes: Math.min(allBytes, memory ?? usualMemoryBytes()), pushBytes, allBytes };
}

/** What a thread of git needs: its stack is memory, too. */
const THREAD_BYTES = 64 * MIB;

/** Processor time of one git process: many times what the largest repositories take. */
const MAX_CPU_SECONDS = 1_800;
/** If the machine runs out of memory, Linux ends this first, and not the hub. proc(5) */
const OOM_SCORE_ADJ = 800;

/**
 * What sh does before it becomes git. Linux counts as data what a process has allocated, and not the packs that it maps:
 * setrlimit(2). What a system cannot limit, it does not.
 */
const SCRIPT = [
  'ulimit -d "$1" 2>/dev/null',
  `ulimit -t ${MAX_CPU_SECONDS} 2>/dev/null`,
  `echo ${OOM_SCORE_ADJ} 2>/dev/null >/proc/self/oom_score_adj`,
  'shift',
  'exec git "$@"',
].join('\n');

/** Returns the command that runs git with these arguments within the limits; its helpers have the same. */
export function limitedGit(
  args: readonly string[],
  { memoryBytes, pushBytes }: Omit<GitLimits, 'allBytes'>,
): { file: string; args: string[] } {
  const settings = [
    ...['-c', `receive.maxInputSize=${pushBytes}`],
    ...threadsFor(memoryBytes),
    ...['-c', `core.bigFileThreshold=${Math.floor(Math.min(512 * MIB, memoryBytes / 4))}`],
    ...['-c', `core.deltaBaseCacheLimit=${Math.floor(Math.min(96 * MIB, memoryBytes / 8))}`],
    ...['-c', `pack.windowMemory=${Math.floor(Math.min(256 * MIB, memoryBytes / 8))}`],
  ];
  const kib = String(Math.floor(memoryBytes / 1024));
  return { file: '/bin/sh', args: ['-c', SCRIPT, 'sh', kib, ...settings, ...args] };
}

/** Returns git's own setting if it has memory for fewer threads than the machine has processors. */
function threadsFor(memoryBytes: number): string[] {
  const threads = Math.max(1, Math.floor(memoryBytes / THREAD_BYTES));
  return threads < availableParallelism() ? ['-c', `pack.threads=${threads}`] : [];
}

/** Returns what a git that reached one of the limits says, in the words of fleet; null for any other failure. */
export function limitReached(said: string): string | null {
  if (/pack exceeds maximum allowed size/.test(said))
    return 'the push is larger than fleet hub --max-push allows';
  if (/Out of memory|out of memory|malloc failed|unable to create thread/.test(said))
    return 'it needs more memory than fleet hub --git-memory allows';
  if (/signal 24\b|SIGXCPU/.test(said)) return 'it takes more than half an hour of processor time';
  return null;
}
