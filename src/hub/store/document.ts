import { dirname } from 'node:path';
import { FleetError } from '../../protocol/errors.ts';
import { jsonText, makeDirectory, readJson, writeJson } from '../../system/json-file.ts';
import { SavedFile } from '../../system/saved-file.ts';
import { removeDurably } from '../../system/write-whole.ts';
import { type Change, changed, type Entries } from './changes.ts';
import { parseKey } from './keys.ts';
import type { FileLayout } from './layout.ts';
import { notWritten } from './not-written.ts';
import type { Records } from './section.ts';

interface Loaded {
  entries: Entries;
  /** The JSON in the file; undefined if there is no file. */
  json: unknown;
}

/** What the file is to become. */
interface Attempt extends Loaded {
  /** Of each change: its revision; null if something else was there. */
  revisions: (number | null)[];
}

interface Wanted {
  change: Change;
  resolve(revision: number): void;
  reject(error: unknown): void;
}

export interface DocumentSurroundings {
  nextRevision(): number;
  /** Called with each key that has changed, and its revision, after that was written. */
  changed(key: string, revision: number): void;
}

/**
 * A file with records, which is read once and replaced as a whole. If it is one record, a change is written at once; else it
 * holds nothing up, and all that is wanted by then is written together.
 */
export class Document {
  private loaded: Loaded | null = null;
  private readonly wanted: Wanted[] = [];
  private attempt: Attempt | null = null;
  private writing: Promise<void> | null = null;
  private readonly file: SavedFile;

  constructor(
    readonly path: string,
    private readonly layout: FileLayout,
    private readonly around: DocumentSurroundings,
  ) {
    this.file = new SavedFile(path, () => jsonText(this.tried().json));
  }

  /** What is in the file. Throws ECONFIG if no hub wrote that, EIO. */
  get entries(): Entries {
    return this.load().entries;
  }

  /** Resolves to the revision when the change is durable. Rejects with ECONFLICT, and as above. */
  async change(change: Change): Promise<number> {
    this.load();
    return new Promise<number>((resolve, reject) => {
      this.wanted.push({ change, resolve, reject });
      if (this.layout.isRecord) this.writeAtOnce();
      else this.writing ??= this.writeSoon();
    });
  }

  /** Resolves when all that is wanted is written, or could not be. */
  async settled(): Promise<void> {
    await this.writing;
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

  private async writeSoon(): Promise<void> {
    while (this.wanted.length > 0)
      await this.file.soon().then(
        () => this.done(),
        (error) => this.failed(error),
      );
    this.writing = null;
  }

  private writeAtOnce(): void {
    try {
      const { json } = this.tried();
      makeDirectory(dirname(this.path));
      if (json === undefined) removeDurably(this.path);
      else writeJson(this.path, json);
      this.done();
    } catch (error) {
      this.failed(error);
    }
  }

  /** Decides what the file becomes. */
  private tried(): Attempt {
    const before = this.load();
    const changes = this.wanted.map(({ change }) => change);
    const { entries, revisions } = changed(before.entries, changes, this.around.nextRevision);
    const records: Records = new Map([...entries].map(([key, { value }]) => [key, value]));
    const kinds = new Set(changes.map(({ key }) => parseKey(key).kind));
    this.attempt = { entries, revisions, json: this.layout.json(records, before.json, kinds) };
    return this.attempt;
  }

  private done(): void {
    const { entries, json, revisions } = this.attempt as Attempt;
    this.loaded = { entries, json };
    for (const [n, { change, resolve, reject }] of this.wanted.splice(0, revisions.length).entries()) {
      const revision = revisions[n];
      if (typeof revision === 'number') {
        this.around.changed(change.key, revision);
        resolve(revision);
      } else reject(new FleetError('ECONFLICT', `${change.key} was changed meanwhile; try again`));
    }
  }

  private failed(error: unknown): void {
    for (const { reject } of this.wanted.splice(0, this.attempt?.revisions.length)) reject(error);
  }
}
