import { dirname } from 'node:path';
import { FleetError } from '../../protocol/errors.ts';
import { Batch } from '../../system/batch.ts';
import { makeDirectory, readJson, writeJson } from '../../system/json-file.ts';
import { removeDurably } from '../../system/write-whole.ts';
import { type Change, changed, type Entries } from './changes.ts';
import type { FileLayout } from './layout.ts';
import { notWritten } from './not-written.ts';

interface Loaded {
  entries: Entries;
  /** The JSON in the file; undefined if there is no file. */
  json: unknown;
}

interface Wanted extends Change {
  /** Once it was tried; null if something else is there. */
  made: number | null;
}

export interface DocumentSurroundings {
  nextRevision(): number;
  /** Called with each key that has changed, after that was written. */
  changed(key: string): void;
}

/**
 * A file with records, which is read once and replaced as a whole. If it is one record, a change is written at once; else all
 * changes of one turn of the event loop are written together: each write is synced, and holds everything up.
 */
export class Document {
  private loaded: Loaded | null = null;
  private wanted: Wanted[] = [];
  private readonly batch = new Batch(() => this.write());

  constructor(
    readonly path: string,
    private readonly layout: FileLayout,
    private readonly around: DocumentSurroundings,
  ) {}

  /** What is in the file. Throws ECONFIG if no hub wrote that, EIO. */
  get entries(): Entries {
    return this.load().entries;
  }

  /** Returns the revision once the change is durable. Rejects with ECONFLICT, and as above. */
  async change(change: Change): Promise<number> {
    this.load();
    const wanted: Wanted = { ...change, made: null };
    this.wanted.push(wanted);
    if (this.layout.isRecord) this.write();
    else await this.batch.soon();
    if (wanted.made !== null) return wanted.made;
    throw new FleetError('ECONFLICT', `${change.key} was changed meanwhile; try again`);
  }

  /** Resolves when all is written. Rejects with EIO. */
  async settled(): Promise<void> {
    if (this.batch.isDue) await this.batch.soon();
  }

  private load(): Loaded {
    if (this.loaded) return this.loaded;
    const json = readJson(this.path);
    const records = json === undefined ? new Map() : this.layout.records(json);
    if (!records) throw notWritten(this.path, this.layout.afresh);
    const revision = this.around.nextRevision();
    const entries = new Map([...records].map(([key, value]) => [key, { key, value, revision }]));
    this.loaded = { entries, json };
    return this.loaded;
  }

  private write(): void {
    const before = this.load();
    const wanted = this.wanted.splice(0);
    const { entries, revisions } = changed(before.entries, wanted, this.around.nextRevision);
    const isMade = revisions.some((one) => one !== null);
    if (isMade) this.loaded = { entries, json: this.replaced(entries, before.json) };
    for (const [n, one] of wanted.entries()) {
      one.made = revisions[n] ?? null;
      if (one.made !== null) this.around.changed(one.key);
    }
  }

  /** Writes the file anew, or removes it if nothing is left, and returns its JSON. */
  private replaced(entries: Entries, before: unknown): unknown {
    const records = new Map([...entries].map(([key, { value }]) => [key, value]));
    const json = this.layout.json(records, before);
    if (json === undefined) removeDurably(this.path);
    else {
      makeDirectory(dirname(this.path));
      writeJson(this.path, json);
    }
    return json;
  }
}
