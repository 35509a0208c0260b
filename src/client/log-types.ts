import type { LastExit } from '../protocol/process.ts';

/** An item of `logs`: a line, what happened to a process between two lines, or what is missing. */
export type LogItem =
  | { kind: 'line'; drone: string; id: string; line: string; time: number }
  /**
   * With `follow`: the beginning of a line that is unfinished for a while, or more of it. The `line` comes when it is
   * finished, with all of it.
   */
  | { kind: 'unfinished'; drone: string; id: string; text: string; time: number }
  /** Older lines were removed by the drone's cap: so many, or at least so many. */
  | { kind: 'dropped'; drone: string; id: string; lines: number; atLeast?: boolean }
  /** The process has ended there: with this code or signal, which are null if nobody knows, or it did not start. */
  | ({ kind: 'exited'; drone: string; id: string; time: number } & LastExit)
  /** It was started again there. */
  | { kind: 'restarted'; drone: string; id: string; time: number }
  | { kind: 'problem'; drone: string; message: string }
  /** A drone that is lost, with the seconds since then: its logs are not among these. */
  | { kind: 'absent'; drone: string; lost: number };
