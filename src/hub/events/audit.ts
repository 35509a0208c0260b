import { existsSync, renameSync, statSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEntry } from '../../protocol/answers.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { HubEvent } from '../../protocol/events.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { givesWay } from '../../system/reserve.ts';
import { TokenBucket } from '../../system/token-bucket.ts';
import { OWN_NAMES, type Principal } from '../access/principal.ts';
import type { EventLog } from './event-log.ts';

/** Size at which `audit.jsonl` becomes `audit.jsonl.1` and a new one is started. */
const MAX_BYTES = 8 * 1024 * 1024;
/** What one token may write in a burst, and per second in the long run: nobody fills the trail in less than hours. */
const TOKEN_BUDGET = { capacity: 1024 * 1024, perSecond: 1_024 };
/** Tokens whose budget is remembered. */
const MAX_TOKENS = 1_000;
/** Lines that may wait for a slow disk. */
const MAX_WAITING_LINES = 1_000;

/** Returns the audit entry for an event; null for events that nobody is accountable for. */
export function auditEntry(event: HubEvent): AuditEntry | null {
  const time = new Date(event.time).toISOString();
  if (event.type === 'pushed') {
    const { repo, ref, commit, who, address } = event;
    return { time, repo, ref, commit, who, address, call: 'push', result: 'ok' };
  }
  if (event.type !== 'called') return null;
  const { type, seq, time: _, call, who, address, result, ...parameters } = event;
  return { time, ...parameters, who, address, call, result };
}

/** Who did what, when, and with what result: one JSON line each, in the hub's directory (0600), limited in size. */
export class Audit {
  private readonly path: string;
  private size: number;
  /** Lines still to be written, and the write in progress. */
  private lines: string[] = [];
  private writing: Promise<void> | null = null;
  private readonly budgets = new BoundedMap<string, TokenBucket>(MAX_TOKENS);
  /** True if the last line may be cut off, by a full disk or a crash. */
  private isTorn = true;

  constructor(
    dir: string,
    events: EventLog,
    private readonly log: (line: string) => void,
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.path = join(dir, 'audit.jsonl');
    this.size = existsSync(this.path) ? statSync(this.path).size : 0;
    events.on('event', (event) => {
      const entry = auditEntry(event);
      if (entry) this.write(entry);
    });
  }

  /** Resolves when `who` may write more: a busy caller waits for a slow disk, and for the budget of its token. */
  async room({ name }: Pick<Principal, 'name'>): Promise<void> {
    const wait = this.budgets.get(name)?.waitMs(performance.now()) ?? 0;
    if (wait > 0) await sleep(wait, undefined, { ref: false });
    if (this.lines.length > MAX_WAITING_LINES) await this.flush();
  }

  /** Returns the newest `count` entries, oldest first. */
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

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private write(entry: AuditEntry): void {
    const line = `${JSON.stringify(entry)}\n`;
    this.lines.push(line);
    this.charge(entry.who, line.length);
    this.writing ??= this.drain();
  }

  /** Whoever has the hub's secret has no budget: the trail is theirs. */
  private charge(who: string, characters: number): void {
    if (OWN_NAMES.includes(who)) return;
    const now = performance.now();
    const budget = this.budgets.get(who) ?? new TokenBucket(TOKEN_BUDGET, now);
    budget.spend(characters, now);
    this.budgets.set(who, budget);
  }

  private async drain(): Promise<void> {
    // On the next turn: what happens together is written together.
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
      if (this.size > this.maxBytes) {
        renameSync(this.path, `${this.path}.1`);
        this.size = 0;
      }
      // An empty line in between does no harm.
      await appendFile(this.path, this.isTorn && this.size > 0 ? `\n${text}` : text, { mode: 0o600 });
      this.isTorn = false;
      this.size += Buffer.byteLength(text);
    } catch (error) {
      this.isTorn = true;
      if (givesWay(this.path, error)) return this.append(text);
      this.log(`cannot write ${this.path}: ${messageOf(error)}`);
    }
  }
}
