import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/**
 * Waits until its input ends, which is when this program does, however that comes about. If the terminal (3) is still as
 * this program has set it, it is restored; a shell that takes it back by itself comes first.
 */
const SCRIPT = `trap '' INT TERM HUP QUIT TSTP TTOU
while IFS= read -r line; do undo=$line; done
[ "$undo" = done ] && exit
sleep 0.2
[ "$(stty -g <&3)" = "$2" ] || exit
stty "$1" <&3
printf %b "$undo" >&3`;

/** Restores the terminal if this program is killed. */
export class TerminalGuard {
  private constructor(private readonly shell: ChildProcess) {
    shell.on('error', () => {});
    shell.stdin?.on('error', () => {});
    shell.unref();
  }

  /** `before` and `now` are {@link terminalSettings}. */
  static start(before: string, now: string): TerminalGuard {
    const words = ['-c', SCRIPT, 'sh', before, now];
    return new TerminalGuard(spawn('sh', words, { stdio: ['pipe', 'ignore', 'ignore', 0] }));
  }

  /** What to send to the terminal in the end; see `TerminalModes`. */
  undo(text: string): void {
    this.shell.stdin?.write(`${text.replaceAll('\x1b', '\\033')}\n`);
  }

  /** It is not needed any more. */
  end(): void {
    if (!this.shell.stdin?.writableEnded) this.shell.stdin?.end('done\n');
  }
}

/** Changes the terminal at standard input, and returns its settings as stty(1) writes them; empty without stty. */
export function terminalSettings(...change: string[]): string {
  const line = change.length > 0 ? `stty ${change.join(' ')}; stty -g` : 'stty -g';
  const { stdout } = spawnSync('sh', ['-c', line], { stdio: [0, 'pipe', 'ignore'], encoding: 'utf8' });
  return (stdout ?? '').trim();
}
