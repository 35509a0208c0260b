import type { LastExit, ProcessSpec } from '../../../protocol/process.ts';

/** What a process is started with, collected from the hooks. */
export interface Start {
  command: readonly string[];
  /** The directory that it starts in. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** The descriptor for its standard output and error. */
  output: number | 'ignore';
  /** Resolves when what it had printed until now, when it has ended, has been taken. */
  taken?(): Promise<void>;
}

/**
 * Something that surrounds the runs of every process, without deciding when they begin or end. All methods are
 * optional, and only `beforeStart` may fail.
 */
export interface ProcessHook {
  /**
   * Returns what it adds to a start; variables are merged with those already there. If it throws, the process does not
   * start, for that reason. `signal` aborts when the start is given up.
   */
  beforeStart?(
    spec: ProcessSpec,
    start: Readonly<Start>,
    signal: AbortSignal,
  ): Promise<Partial<Start>> | Partial<Start>;
  /** After the start has succeeded or failed: releases what `beforeStart` has opened. */
  afterStart?(start: Readonly<Start>): void;
  /** After a run has ended, before anybody is told. */
  afterExit?(spec: ProcessSpec, exit: LastExit): void;
  /** After the process is gone for good. */
  afterStop?(spec: ProcessSpec): void;
}
