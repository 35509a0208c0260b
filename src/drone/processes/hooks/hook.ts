import type { LastExit, ProcessSpec } from '../../../protocol/process.ts';

/** What a process is started with: the work of the hooks before its start, each adding to those before it. */
export interface Start {
  /** The directory that it starts in. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** The descriptor that its standard output and error go to. */
  output: number | 'ignore';
}

/**
 * Something that surrounds the runs of every process, and does not decide when they begin or end. All of it is
 * optional, and nothing but `beforeStart` may fail.
 */
export interface ProcessHook {
  /**
   * Returns what it adds to a start; variables join those that are there. Whatever it throws is why the process does not
   * start. `signal` aborts when the start is given up.
   */
  beforeStart?(
    spec: ProcessSpec,
    start: Readonly<Start>,
    signal: AbortSignal,
  ): Promise<Partial<Start>> | Partial<Start>;
  /** The start has succeeded or failed: lets go of what `beforeStart` has opened. */
  afterStart?(start: Readonly<Start>): void;
  /** A run has ended, and nobody has been told yet. */
  afterExit?(spec: ProcessSpec, exit: LastExit): void;
  /** The process is gone for good. */
  afterStop?(spec: ProcessSpec): void;
}
