import type { LastExit } from '../../protocol/process.ts';
import type { TerminalSpec } from '../../protocol/terminal.ts';
import type { ProcessTable } from '../processes/process-table.ts';

export interface ExecOptions {
  id: string;
  table: ProcessTable;
  command: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: boolean;
  /** What it runs on; null for pipes. */
  terminal: TerminalSpec | null;
  /** How many bytes may be unacknowledged before the process is paused. */
  window: number;
}

/** Receives what an exec prints and its end; output counts against the window until it is acknowledged. */
export interface ExecSink {
  output(stream: 'stdout' | 'stderr', bytes: Buffer): void;
  stdinAck(bytes: number): void;
  exit(exit: LastExit): void;
}
