/** The size of a terminal, in characters. */
export interface TerminalSize {
  rows: number;
  columns: number;
}

/** What a command's terminal is like. */
export interface TerminalSpec extends TerminalSize {
  /** Its kind, as in TERM. */
  term: string;
}
