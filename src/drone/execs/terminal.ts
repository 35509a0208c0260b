import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { FleetError } from '../../protocol/errors.ts';
import type { TerminalSize } from '../../protocol/terminal.ts';
import type { Listed } from '../../system/procfs.ts';
import { Semaphore } from '../../system/semaphore.ts';
import { anyRuns, type ProcessTable, type Run } from '../processes/process-table.ts';
import { isInstalled } from '../processes/program.ts';
import { signal } from '../processes/terminate.ts';

/** From SIGHUP to SIGTERM, for what runs on a terminal that was taken away. */
const HANGUP_MS = 1_000;

const run = promisify(execFile);

/** Throws ESPAWN if this machine cannot make a terminal. */
export async function demandTerminals(): Promise<void> {
  const version = await run('script', ['--version']).catch(() => ({ stdout: '' }));
  if (version.stdout.includes('util-linux') && isInstalled('stty')) return;
  const needed = 'script(1) of util-linux (package util-linux or bsdutils) and stty(1)';
  throw new FleetError('ESPAWN', `cannot make a terminal, which takes ${needed}`);
}

/**
 * Returns the command that runs `command` on a terminal of its own: script(1) makes it, and exits as the command does.
 * `shell` is the value of SHELL for the command, because script has a shell of its own.
 */
export function onTerminal(
  command: readonly string[],
  size: TerminalSize,
  shell: string | undefined,
): string[] {
  const restored = shell === undefined ? 'unset SHELL' : `SHELL=${quoted(shell)}`;
  const sized = `stty sane iutf8 rows ${size.rows} cols ${size.columns}`;
  const line = `${sized}; ${restored}; exec ${command.map(quoted).join(' ')}`;
  return ['script', '-qefc', line, '/dev/null'];
}

/** Returns the environment for {@link onTerminal}. */
export function terminalEnvironment(env: NodeJS.ProcessEnv, term: string): NodeJS.ProcessEnv {
  return { ...env, TERM: term, SHELL: '/bin/sh' };
}

/** The terminal that script(1) has made for an exec. */
export class ExecTerminal {
  /** Of several sizes, the last one counts: each takes a process to set, and these do not overtake each other. */
  private readonly resizes = new Semaphore(1);
  private wanted: TerminalSize | null = null;

  /** `script` is the run of script(1) with which the exec of this id began. */
  constructor(
    private readonly table: ProcessTable,
    private readonly id: string,
    private readonly script: Run,
  ) {}

  /** Signals the command's process group. */
  kill(name: NodeJS.Signals): void {
    const leader = this.leader();
    if (leader) signal(-leader.pid, name);
  }

  /** Changes its size, of which the system tells the command by SIGWINCH. */
  async resize(size: TerminalSize): Promise<void> {
    this.wanted = size;
    await this.resizes.run(async () => {
      if (this.wanted === size) await this.set(size);
    });
  }

  private async set({ rows, columns }: TerminalSize): Promise<void> {
    const device = terminalPath(this.leader()?.terminal ?? 0);
    if (device === null) return;
    await run('stty', ['-F', device, 'rows', String(rows), 'cols', String(columns)]).catch(() => {});
  }

  /** Takes it away, upon which the system sends SIGHUP to what runs on it, and waits for that a moment. */
  async hangUp(): Promise<void> {
    const leader = this.leader();
    signal(this.script.pid, 'SIGKILL');
    const until = performance.now() + HANGUP_MS;
    while (leader && anyRuns([leader]) && performance.now() < until) await sleep(20);
  }

  /** The process that leads the session on the terminal: the command, once script has started it. */
  private leader(): Listed | undefined {
    const { table, id, script } = this;
    const members = table.membersOf(id, script);
    return members.find(({ pid, session, parent }) => parent === script.pid && session === pid);
  }
}

/** The major numbers of terminals in /dev/pts (Linux, Documentation/admin-guide/devices.txt). */
const [FIRST_MAJOR, LAST_MAJOR] = [136, 143];

/** Returns the path of a terminal, given field 7 of /proc/PID/stat (proc(5)); null for none, or another kind. */
export function terminalPath(device: number): string | null {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major < FIRST_MAJOR || major > LAST_MAJOR) return null;
  return `/dev/pts/${(major - FIRST_MAJOR) * 256 + minor}`;
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
