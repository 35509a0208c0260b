import type { ProcessSpec } from '../../protocol/process.ts';
import { startTime } from '../../system/procfs.ts';
import { type Child, startChild } from './child.ts';
import type { ProcessHook, Start } from './hooks/hook.ts';
import type { ProcessTable, Run } from './process-table.ts';

/** A run of a process that this drone has started. */
export interface Launched extends Pick<Child, 'exited'> {
  run: Run;
  /** Returns the pids of what it has started and that runs now, when it has ended itself. */
  left(): number[];
}

export interface LaunchOptions {
  hooks: readonly ProcessHook[];
  table: ProcessTable;
  /** See `bootId`. */
  boot: string;
}

/**
 * Starts a process once, with what the hooks add. Throws ESPAWN, whatever a hook throws, and the reason of `signal` if
 * it aborts before there is a process.
 */
export async function launch(
  spec: ProcessSpec,
  { hooks, table, boot }: LaunchOptions,
  signal: AbortSignal,
): Promise<Launched> {
  const begun: ProcessHook[] = [];
  let start: Start = { command: spec.command, cwd: '/', env: {}, output: 'ignore' };
  try {
    for (const hook of hooks) {
      signal.throwIfAborted();
      const added = await hook.beforeStart?.(spec, start, signal);
      start = { ...start, ...added, env: { ...start.env, ...added?.env } };
      begun.unshift(hook);
    }
    signal.throwIfAborted();
    const { pid, exited } = await startChild(start);
    table.outdated();
    const ended = exited.then(async (exit) => {
      await start.taken?.();
      return exit;
    });
    const run = { pid, started: startTime(pid) ?? 0, boot };
    const left = () => table.membersOf(spec.id, run).map((process) => process.pid);
    return { run, exited: ended, left };
  } finally {
    for (const hook of begun) hook.afterStart?.(start);
  }
}
