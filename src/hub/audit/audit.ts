import { closeSync } from 'node:fs';
import type { AuditEntry, AuditVerdict } from '../../protocol/answers.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { HubEvent } from '../../protocol/events.ts';
import { noLongerValid, type Principal } from '../access/principal.ts';
import type { EventLog } from '../events/event-log.ts';
import { Budgets } from './budgets.ts';
import type { Link } from './chain.ts';
import type { AuditCopy } from './copy.ts';
import { newestIn, verdictOn } from './reading.ts';
import { type Ends, Trail } from './trail.ts';
import type { Keep, OpenFile } from './trail-files.ts';

/** Entries that may wait for a slow disk. */
const MAX_WAITING_ENTRIES = 1_000;

/** Returns the audit entry for an event; null for events that nobody is accountable for. */
export function auditEntry(event: HubEvent): AuditEntry | null {
  const time = new Date(event.time).toISOString();
  if (event.type === 'pushed') {
    const { repo, ref, commit, who, accessor, address } = event;
    return { time, repo, ref, commit, who, ...withAccessor(accessor), address, call: 'push', result: 'ok' };
  }
  if (event.type !== 'called') return null;
  const { type, seq, time: _, call, who, accessor, address, result, ...parameters } = event;
  return { time, ...parameters, who, ...withAccessor(accessor), address, call, result };
}

const withAccessor = (accessor: string | undefined) => (accessor === undefined ? {} : { accessor });

/** Who did what, when, and with what result: lines of JSON in the hub's directory (0600), each chained to the one before. */
export class Audit {
  private readonly trail: Trail;
  private readonly budgets: Budgets;
  /** Entries still to be written, and the write in progress. */
  private entries: AuditEntry[] = [];
  private writing: Promise<void> | null = null;

  /** Throws ECONFIG if the trail's head is not what a hub wrote. */
  constructor(
    dir: string,
    events: EventLog,
    private readonly log: (line: string) => void,
    keep: Keep,
    private readonly copy: AuditCopy | null = null,
  ) {
    this.trail = new Trail(dir, log, keep);
    this.budgets = new Budgets(keep);
    events.on('event', (event) => {
      const entry = auditEntry(event);
      if (entry) this.add(entry);
    });
  }

  /**
   * Does what adds an entry of about so many characters: a busy caller waits for a slow disk, and for the budget of its token.
   * Rejects as `act` does, with the reason of `until` if that is aborted meanwhile, and with EAUTH if the token has ended.
   */
  async during<T>(
    who: Pick<Principal, 'name' | 'isValid'>,
    { characters, until }: { characters: number; until: AbortSignal },
    act: () => T | Promise<T>,
  ): Promise<T> {
    const giveBack = await this.budgets.reserve(who.name, characters, until);
    try {
      if (this.entries.length > MAX_WAITING_ENTRIES) await this.flush();
      until.throwIfAborted();
      if (!who.isValid()) throw noLongerValid(who);
      return await act();
    } finally {
      giveBack();
    }
  }

  /** Returns the newest `count` entries before the one of number `before`, oldest first, as far as one answer has room. */
  read(count: number, before = Number.POSITIVE_INFINITY): Promise<AuditEntry[]> {
    return this.reading(({ files }) => newestIn(files, count, before));
  }

  /** Checks the whole trail, and that it has the entry `expected`, which was seen before. */
  verify(expected: Link | null = null): Promise<AuditVerdict> {
    return this.reading(({ files, ends }) => verdictOn(files, ends, expected));
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    while (this.writing) await this.writing;
  }

  /** The same, synced to disk, and copied. */
  async close(): Promise<void> {
    await this.flush();
    await Promise.all([this.trail.sync(), this.copy?.close()]);
  }

  private async reading<T>(read: (opened: { files: OpenFile[]; ends: Ends }) => Promise<T>): Promise<T> {
    await this.flush();
    const opened = this.trail.open();
    try {
      return await read(opened);
    } finally {
      for (const { fd } of opened.files) closeSync(fd);
    }
  }

  private add(entry: AuditEntry): void {
    this.entries.push(entry);
    this.budgets.charge(entry.who, JSON.stringify(entry).length);
    this.writing ??= this.drain();
  }

  private async drain(): Promise<void> {
    // On the next turn: what happens together is written together.
    await Promise.resolve();
    while (this.entries.length > 0) {
      const entries = this.entries;
      this.entries = [];
      await this.write(entries);
    }
    this.writing = null;
  }

  private async write(entries: AuditEntry[]): Promise<void> {
    try {
      const lines = await this.trail.append(entries);
      this.copy?.add(lines);
    } catch (error) {
      this.log(`cannot write the audit trail: ${messageOf(error)}`);
    }
  }
}
