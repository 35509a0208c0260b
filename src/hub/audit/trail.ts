import { appendFile, truncate } from 'node:fs/promises';
import type { AuditEntry } from '../../protocol/answers.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { readJson } from '../../system/json-file.ts';
import { demandRegular } from '../../system/regular-file.ts';
import { givesWay } from '../../system/reserve.ts';
import { syncFile } from '../../system/sync-tree.ts';
import { replaceCrashSafe, writeCrashSafe } from '../../system/write-whole.ts';
import { CHAIN_CALL, type Link, START, sealed } from './chain.ts';
import { endingOf, linksOf, resumed } from './resume.ts';
import { expired, type Keep, type OpenFile, sizeOf, TrailFiles, textOf } from './trail-files.ts';

/** A file of the trail becomes a full one at this size, or at this share of all, or after a day. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MIN_FILES = 4;
const DAY_MS = 86_400_000;
/** What was written is synced to disk together, at most this often. */
const SYNC_AFTER_MS = 200;

/** Where a trail begins and ends: the link before its first entry, and that of its last one. */
export interface Ends {
  first: Link;
  last: Link;
}

/** Entries on disk, each chained to the one before. Only one `append` may be under way. */
export class Trail {
  private readonly files: TrailFiles;
  private ends: Ends = { first: START, last: START };
  private size = 0;
  private began = Date.now();
  /** True if there may be lines behind the last entry: cut off by a full disk or a crash, or of an older fleet. */
  private isUnsure = true;
  /** Entries that could not be written. */
  private lost = 0;
  private timer: NodeJS.Timeout | null = null;
  private syncing = Promise.resolve();

  /** Reads how the trail ends. Throws ECONFIG if its head is not what a hub wrote, and EIO. */
  constructor(
    dir: string,
    private readonly log: (line: string) => void,
    private readonly keep: Keep,
  ) {
    this.files = new TrailFiles(dir);
    const head = headIn(this.files.head);
    const newest = this.files.full().at(-1);
    const current = textOf(this.files.current);
    const links = linksOf((newest ? textOf(newest.path) : '') + current);
    const { after, isWhole } = resumed(head?.last ?? null, links);
    if (!isWhole) log('entries of the audit trail are missing, or were changed: see fleet audit verify');
    this.ends = { first: head?.first ?? START, last: after };
    this.size = sizeOf(this.files.current);
    this.expire();
  }

  /** Opens what is there now; whoever calls this closes it. Throws errors of the file system. */
  open(): { files: OpenFile[]; ends: Ends } {
    return { files: this.files.open(this.size), ends: this.ends };
  }

  /**
   * Adds entries, and returns their lines. Throws errors of the file system; what was not written then is lost, and the next
   * entry says so.
   */
  async append(entries: readonly AuditEntry[]): Promise<string[]> {
    try {
      if (this.isDue()) await this.rotate();
      const { lines, last } = this.chained(entries);
      await this.write(lines.join(''));
      this.ends = { ...this.ends, last };
      this.isUnsure = false;
      this.lost = 0;
      this.timer ??= setTimeout(() => void this.sync(), SYNC_AFTER_MS).unref();
      return lines.filter((line) => line !== '\n');
    } catch (error) {
      this.isUnsure = true;
      this.lost += entries.length;
      throw error;
    }
  }

  /** Resolves when what was written so far would survive a power cut. */
  sync(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.syncing = this.syncing.then(() => this.syncNow());
    return this.syncing;
  }

  private async syncNow(): Promise<void> {
    const { ends } = this;
    if (ends.last.n === 0) return;
    try {
      await syncFile(this.files.current);
      await replaceCrashSafe(this.files.head, headText(ends));
    } catch (error) {
      this.log(`cannot sync ${this.files.current}: ${messageOf(error)}`);
    }
  }

  /** Returns the lines of entries, behind what is on disk. */
  private chained(entries: readonly AuditEntry[]): { lines: string[]; last: Link } {
    let { last } = this.ends;
    const lines: string[] = [];
    const add = (entry: AuditEntry) => {
      const next = sealed(entry, last);
      lines.push(`${next.line}\n`);
      last = next.link;
    };
    if (this.isUnsure) {
      const { link, unchained, isTorn } = endingOf(textOf(this.files.current));
      if (isTorn) lines.push('\n');
      if (this.lost > 0 && link !== null && link.n > last.n) {
        this.lost -= link.n - last.n;
        last = link;
      }
      const said = unchained.lines > 0 ? { unchained: unchained.summary() } : {};
      if (unchained.lines > 0 || this.lost > 0) add({ ...said, ...chainEntry(this.lost) });
    }
    for (const entry of entries) add(entry);
    return { lines, last };
  }

  /** Writes all of a text or nothing, as far as the disk lets it. */
  private async write(text: string): Promise<void> {
    demandRegular(this.files.current);
    try {
      await appendFile(this.files.current, text, { mode: 0o600 });
      this.size += Buffer.byteLength(text);
    } catch (error) {
      await truncate(this.files.current, this.size).catch(() => {});
      if (!givesWay(this.files.current, error)) throw error;
      await this.write(text);
    }
  }

  private isDue(): boolean {
    if (this.isUnsure || this.size === 0) return false;
    const most = Math.min(MAX_FILE_BYTES, this.keep.maxBytes / MIN_FILES);
    return this.size > most || Date.now() - this.began > DAY_MS;
  }

  private async rotate(): Promise<void> {
    await this.sync();
    this.files.rotate(this.ends.last.n);
    this.size = 0;
    this.began = Date.now();
    this.expire();
  }

  /** Removes old files. The head comes first: otherwise a crash in between would look like entries that are missing. */
  private expire(): void {
    const old = expired(this.files.full(), this.keep, this.size, Date.now());
    const newest = old.at(-1);
    if (!newest) return;
    const first = this.files.lastLink(newest) ?? this.ends.first;
    this.ends = { ...this.ends, first };
    writeCrashSafe(this.files.head, headText(this.ends));
    for (const file of old) this.files.remove(file);
  }
}

/** Returns the entry of the hub's about what is not in the chain. */
function chainEntry(lost: number): AuditEntry {
  const result = lost > 0 ? `${lost} entries could not be written` : 'ok';
  return { time: new Date().toISOString(), who: 'hub', address: '-', call: CHAIN_CALL, result };
}

function headText(ends: Ends): string {
  return `${JSON.stringify(ends)}\n`;
}

/** Returns the ends that a hub wrote; null if there is no file. */
function headIn(path: string): Ends | null {
  const read = readJson(path) as Partial<Ends> | null | undefined;
  if (read === undefined) return null;
  if (isLink(read?.first) && isLink(read?.last)) return { first: read.first, last: read.last };
  throw new FleetError('ECONFIG', `${path} is not a file that a hub wrote; move it away to start without it`);
}

function isLink(one: Partial<Link> | undefined): one is Link {
  return Number.isSafeInteger(one?.n) && typeof one?.hash === 'string';
}
