import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { Change } from './changes.ts';
import { Document } from './document.ts';
import { hasPrefix, keyOf, parseKey } from './keys.ts';
import { folderOf, layoutOf, nameInFolder } from './layout.ts';
import type { Entry, Hint, Json, Store } from './store.ts';

interface Listener {
  prefix: string;
  hint: Hint;
}

/** A store in the files of a hub's directory, which one hub at a time writes to. See {@link Store}. */
export class FileStore implements Store {
  private readonly documents = new Map<string, Document>();
  private readonly listeners = new Set<Listener>();
  private revision = 0;
  private isClosed = false;
  /** What was logged about damaged files. */
  private readonly logged = new Set<string>();

  constructor(
    private readonly dir: string,
    private readonly log: (line: string) => void,
  ) {}

  async get(key: string): Promise<Entry | null> {
    return this.documentOf(key).entries.get(key) ?? null;
  }

  create(key: string, value: Json): Promise<number> {
    return this.change({ key, value, seen: 0 });
  }

  async update(key: string, value: Json | null, revision: number): Promise<number> {
    if (revision < 1) throw new FleetError('EINTERNAL', `${key} has no revision ${revision}`);
    return this.change({ key, value, seen: revision });
  }

  async list(prefix: string): Promise<Entry[]> {
    const kind = prefix.endsWith('.') ? prefix.slice(0, -1) : prefix;
    const folder = prefix.endsWith('.') ? folderOf(kind) : null;
    if (folder !== null) return this.listFolder(kind, folder);
    return [...this.documentOf(kind).entries.values()].filter(({ key }) => hasPrefix(key, prefix));
  }

  watch(prefix: string, hint: Hint): () => void {
    const listener = { prefix, hint };
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  where(key: string): string {
    return this.documentOf(key).path;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.listeners.clear();
    await Promise.all([...this.documents.values()].map((one) => one.settled()));
  }

  private async change(change: Change): Promise<number> {
    if (this.isClosed) throw new FleetError('ECLOSED', 'the hub is stopping');
    return this.documentOf(change.key).change(change);
  }

  private documentOf(key: string): Document {
    const layout = layoutOf(parseKey(key));
    const known = this.documents.get(layout.path);
    if (known) return known;
    const document = new Document(join(this.dir, layout.path), layout, {
      nextRevision: () => ++this.revision,
      changed: (key, revision) => setImmediate(() => this.hint(key, revision)),
    });
    this.documents.set(layout.path, document);
    return document;
  }

  private hint(key: string, revision: number): void {
    for (const { prefix, hint } of this.listeners) if (hasPrefix(key, prefix)) hint(key, revision);
  }

  /** One whose file is damaged is left out and logged: nothing is done about it. */
  private listFolder(kind: string, folder: string): Entry[] {
    return this.namesIn(folder).flatMap((name) => {
      try {
        return [...this.documentOf(keyOf({ kind, name })).entries.values()];
      } catch (error) {
        const line = `${name} is left alone: ${messageOf(error)}`;
        if (!this.logged.has(line)) this.log(line);
        this.logged.add(line);
        return [];
      }
    });
  }

  private namesIn(folder: string): string[] {
    try {
      return readdirSync(join(this.dir, folder)).flatMap((file) => nameInFolder(file) ?? []);
    } catch {
      return [];
    }
  }
}
