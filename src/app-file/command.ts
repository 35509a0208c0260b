/** What is run: these words as they are, or a line for `sh -c`. */
export type Command = string[] | { shell: string };

/** Anything that makes a shell do more than split words at blanks. */
const SHELL_SYNTAX = /[|&;<>()$`\\"'*?[\]#~{}\n]/;

/** POSIX.1-2024, XCU 2.4 and 2.15, and the other built-in utilities that have no effect as a process of their own. */
const OF_THE_SHELL = new Set(
  '! : . case for if until while alias bg break cd command continue eval exec exit export fg hash jobs read readonly return set shift source times trap type ulimit umask unalias unset wait'.split(
    ' ',
  ),
);

/** Returns how a line is run: as it is, if a shell would make the same of it. */
export function parseCommand(line: string): Command {
  const words = line.trim().split(/\s+/);
  const [first = ''] = words;
  const needsShell = SHELL_SYNTAX.test(line.trim()) || first.includes('=') || OF_THE_SHELL.has(first);
  return needsShell ? { shell: line.trim() } : words;
}
