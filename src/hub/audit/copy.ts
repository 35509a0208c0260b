import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../../protocol/errors.ts';

/** What may wait to be copied. More is not copied, and counted: the trail itself has all of it. */
const MAX_WAITING_CHARACTERS = 4 * 1024 * 1024;
/** logger(1) of util-linux, which sends each line of its input to the system's log; longer ones would be split. */
const LOGGER = ['logger', '-t', 'fleet-hub', '-p', 'auth.notice', '-S', '65536'] as const;

/** Takes lines of the trail, each with its newline, and resolves when they are elsewhere. */
type Send = (text: string) => Promise<void>;

/** Sends the lines of the trail to a second place, in order. What cannot be sent is reported and left out. */
export class AuditCopy {
  private waiting: string[] = [];
  private characters = 0;
  private leftOut = 0;
  private sending: Promise<void> | null = null;

  constructor(
    private readonly to: string,
    private readonly send: Send,
    private readonly end: () => void,
    private readonly log: (line: string) => void,
  ) {}

  /** Never throws, and holds nobody up. */
  add(lines: readonly string[]): void {
    const text = lines.join('');
    if (this.characters + text.length > MAX_WAITING_CHARACTERS)
      return this.leaveOut(lines.length, 'it is too slow');
    this.waiting.push(text);
    this.characters += text.length;
    this.sending ??= this.drain();
  }

  /** Resolves when everything is sent, or has failed. */
  async close(): Promise<void> {
    while (this.sending) await this.sending;
    this.end();
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const text = this.waiting.join('');
      this.waiting = [];
      try {
        await this.send(text);
        if (this.leftOut > 0)
          this.log(`the audit trail is copied to ${this.to} again; ${this.leftOut} entries are left out`);
        this.leftOut = 0;
      } catch (error) {
        this.leaveOut(text.split('\n').length - 1, messageOf(error));
      }
      this.characters -= text.length;
    }
    this.sending = null;
  }

  private leaveOut(entries: number, why: string): void {
    if (this.leftOut === 0) this.log(`cannot copy the audit trail to ${this.to}: ${why}`);
    this.leftOut += entries;
  }
}

/** Returns what copies the trail to `syslog`, or to a file, which is relative to `dir`. */
export function copyTo(to: string, dir: string, log: (line: string) => void): AuditCopy {
  if (to === 'syslog') return copyWith(LOGGER, log);
  const path = resolve(dir, to);
  // Opened for each write, so that whatever moves it away, as logrotate(8) does, gets a new one.
  const send = (text: string) => appendFile(path, text, { mode: 0o600 });
  return new AuditCopy(path, send, () => {}, log);
}

/** Returns what copies the trail to the standard input of a program. */
export function copyWith(command: readonly string[], log: (line: string) => void): AuditCopy {
  const program = new LineProgram(command);
  return new AuditCopy(
    command[0] ?? '',
    (text) => program.send(text),
    () => program.close(),
    log,
  );
}

/** A program that takes lines at its standard input, started again for the next line if it has ended. */
class LineProgram {
  private child: ChildProcess | null = null;

  constructor(private readonly command: readonly string[]) {}

  /** Rejects if the program cannot be started, or has ended. */
  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = this.running();
      const failed = (why: unknown) => {
        if (this.child === child) this.child = null;
        reject(why instanceof Error ? why : new Error(`${this.command[0]} has ended with ${why}`));
      };
      child.once('error', failed).once('exit', failed);
      child.stdin?.write(text, (error) => {
        child.off('error', failed).off('exit', failed);
        if (error) failed(error);
        else resolve();
      });
    });
  }

  close(): void {
    this.child?.stdin?.end();
  }

  private running(): ChildProcess {
    if (this.child) return this.child;
    const [program = '', ...args] = this.command;
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    child.once('exit', () => {
      if (this.child === child) this.child = null;
    });
    this.child = child;
    return child;
  }
}
