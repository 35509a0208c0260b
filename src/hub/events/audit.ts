import { existsSync, renameSync, statSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '../../protocol/answers.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { Principal } from '../access/principal.ts';

/** Bytes in `audit.jsonl` until it becomes `audit.jsonl.1` and a new one begins. */
const MAX_SIZE = 8 * 1024 * 1024;
/** Characters in one line; a longer one is written without the call's parameters. */
const MAX_LINE = 16_384;
/** Lines that wait for a slow disk; whoever does more waits with them. */
const MAX_WAITING = 1_000;

/** What is written of a call's parameters: never the environment, nor what went to a process's stdin. */
export function describe(params: unknown): Record<string, unknown> {
  const { env, key, stdin, ...rest } = params as Record<string, unknown>;
  return env ? { ...rest, env: Object.keys(env) } : rest;
}

/** What came of a call, in a word, or the first thing that went wrong. */
export function outcome(answer: unknown): string {
  // The first of the two calls of a deploy: the client pushes the commit now, and calls again.
  if ((answer as { missing?: boolean } | null)?.missing) return 'the commit is not here yet';
  const drones = Object.entries((answer as { drones?: Record<string, unknown> } | null)?.drones ?? {});
  for (const [drone, result] of drones) {
    const { error = result } = (result ?? {}) as { error?: unknown };
    const message = (error as { message?: string } | null)?.message;
    if (message) return `${drone}: ${message}`;
  }
  return 'ok';
}

/** Who did what, when, and what came of it: one JSON line each, in the hub's directory (0600), capped. */
export class Audit {
  private readonly path: string;
  private size: number;
  /** Lines that are still to be written, and who writes them. */
  private lines: string[] = [];
  private writing: Promise<void> | null = null;
  /** The last line may have been cut off, by a full disk or a crash. */
  private isTorn = true;

  constructor(
    dir: string,
    private readonly log: (line: string) => void,
    private readonly maxSize = MAX_SIZE,
  ) {
    this.path = join(dir, 'audit.jsonl');
    this.size = existsSync(this.path) ? statSync(this.path).size : 0;
  }

  /** Does a call, and writes down what it was and how it ended. */
  async around<T>(who: Principal, call: string, params: unknown, act: () => Promise<T>): Promise<T> {
    try {
      const answer = await act();
      this.write(who, call, params, outcome(answer));
      return answer;
    } catch (error) {
      this.write(who, call, params, messageOf(error));
      throw error;
    } finally {
      if (this.lines.length > MAX_WAITING) await this.flush();
    }
  }

  write(who: Pick<Principal, 'name' | 'address'>, call: string, params: unknown, result: string): void {
    const { name, address } = who;
    const core = { who: name, address, call, result: result.slice(0, 1000) };
    // The parameters cannot pass for who did it, or when.
    const time = { time: new Date().toISOString() };
    const whole = JSON.stringify({ ...time, ...describe(params), ...core, ...time } satisfies AuditEntry);
    this.lines.push(`${whole.length > MAX_LINE ? JSON.stringify({ ...time, ...core }) : whole}\n`);
    this.writing ??= this.drain();
  }

  /** The newest `count` entries, oldest first. */
  async read(count: number): Promise<AuditEntry[]> {
    await this.flush();
    const texts = await Promise.all(
      [`${this.path}.1`, this.path].map((path) => readFile(path, 'utf8').catch(() => '')),
    );
    const lines = texts.join('').split('\n').filter(Boolean);
    return lines.slice(-count).flatMap((line) => {
      try {
        return [JSON.parse(line) as AuditEntry];
      } catch {
        return []; // A line that a full disk cut off.
      }
    });
  }

  /** Resolves when all is written. */
  async flush(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private async drain(): Promise<void> {
    // In the next turn: what happens together is written together.
    await Promise.resolve();
    while (this.lines.length > 0) {
      const text = this.lines.join('');
      this.lines = [];
      await this.append(text);
    }
    this.writing = null;
  }

  private async append(text: string): Promise<void> {
    try {
      if (this.size > this.maxSize) {
        renameSync(this.path, `${this.path}.1`);
        this.size = 0;
      }
      // An empty line in between harms nobody.
      await appendFile(this.path, this.isTorn && this.size > 0 ? `\n${text}` : text, { mode: 0o600 });
      this.isTorn = false;
      this.size += Buffer.byteLength(text);
    } catch (error) {
      this.isTorn = true;
      this.log(`cannot write ${this.path}: ${messageOf(error)}`);
    }
  }
}
