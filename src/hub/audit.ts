import { existsSync, renameSync, statSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '../protocol/answers.ts';
import { messageOf } from '../protocol/errors.ts';
import type { Principal } from './principal.ts';

/** Bytes in `audit.jsonl` until it becomes `audit.jsonl.1` and a new one begins. */
const MAX_SIZE = 8 * 1024 * 1024;
/** Characters in one line; a longer one is written without the call's parameters. */
const MAX_LINE = 16_384;

/** What is written of a call's parameters: never the environment, nor what went to a process's stdin. */
export function describe(params: unknown): Record<string, unknown> {
  const { env, key, stdin, ...rest } = params as Record<string, unknown>;
  return env ? { ...rest, env: Object.keys(env) } : rest;
}

/** What came of a call, in a word, or the first thing that went wrong. */
export function outcome(answer: unknown): string {
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
  /** One write after the other; a reader waits for them. */
  private writing: Promise<void> = Promise.resolve();

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
    }
  }

  write(who: Pick<Principal, 'name' | 'address'>, call: string, params: unknown, result: string): void {
    const time = new Date().toISOString();
    const core = { time, who: who.name, address: who.address, call, result: result.slice(0, 1000) };
    const whole = JSON.stringify({ ...core, ...describe(params), result: core.result } satisfies AuditEntry);
    const line = `${whole.length > MAX_LINE ? JSON.stringify(core) : whole}\n`;
    this.writing = this.writing.then(() => this.append(line));
  }

  /** The newest `count` entries, oldest first. */
  async read(count: number): Promise<AuditEntry[]> {
    await this.writing;
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
  flush(): Promise<void> {
    return this.writing;
  }

  private async append(line: string): Promise<void> {
    try {
      if (this.size > this.maxSize) {
        renameSync(this.path, `${this.path}.1`);
        this.size = 0;
      }
      await appendFile(this.path, line, { mode: 0o600 });
      this.size += Buffer.byteLength(line);
    } catch (error) {
      this.log(`cannot write ${this.path}: ${messageOf(error)}`);
    }
  }
}
