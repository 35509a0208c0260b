import { renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { type Deferred, deferred } from './deferred.ts';
import { openNewFile } from './new-file.ts';
import { givesWay } from './reserve.ts';
import { syncFile } from './sync-tree.ts';
import { writeDurably } from './write-whole.ts';

/**
 * A file (0600) that is replaced as a whole, and then survives a power failure. It holds nothing up while it is written, and is
 * written once for all who ask before that begins, however slow the disk is.
 */
export class SavedFile {
  /** Those who wait for the next write. */
  private next: Deferred | null = null;
  private isWriting = false;
  /** Counts writes: what was begun before the last one is out of date. */
  private writes = 0;

  /** `text` returns what the file should contain now. */
  constructor(
    private readonly path: string,
    private readonly text: () => string,
  ) {}

  /** True if something is still to be written. */
  get isDue(): boolean {
    return this.next !== null || this.isWriting;
  }

  /** Resolves when what is to be in the file now is in it. Rejects with EIO. */
  soon(): Promise<void> {
    if (!this.next) {
      this.next = deferred();
      // Later, for all who ask in this turn of the event loop.
      if (!this.isWriting) setImmediate(() => void this.drain());
    }
    return this.next.promise;
  }

  /** Writes the file at once. Throws EIO. */
  now(): void {
    this.writes++;
    writeDurably(this.path, this.text());
    this.next?.resolve();
    this.next = null;
  }

  private async drain(): Promise<void> {
    while (this.next && !this.isWriting) {
      const { resolve, reject } = this.next;
      this.next = null;
      this.isWriting = true;
      await this.write().then(resolve, reject);
      this.isWriting = false;
    }
  }

  private async write(): Promise<void> {
    const write = ++this.writes;
    const isLast = () => write === this.writes;
    try {
      await this.replace(this.text(), isLast);
    } catch (cause) {
      if (!isLast()) return; // It is there already, or newer.
      if (givesWay(this.path, cause)) return this.write();
      throw new FleetError('EIO', `cannot write ${this.path}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Does nothing if it is not the last write any more: a newer file must not be replaced by an older one. */
  private async replace(text: string, isLast: () => boolean): Promise<void> {
    const temporary = `${this.path}.soon.${process.pid}.tmp`;
    try {
      const file = await openNewFile(temporary);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      if (!isLast()) return;
      renameSync(temporary, this.path);
      await syncFile(dirname(this.path));
    } finally {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }
}
