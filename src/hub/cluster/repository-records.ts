import { EventEmitter } from 'node:events';
import { randomBytes } from '../../system/random.ts';
import { KeptRecords } from '../store/kept-records.ts';
import { notWritten } from '../store/not-written.ts';
import type { Entry, Store } from '../store/store.ts';
import { emptyRecord, isRepositoryRecord, type RepositoryRecord } from './repository-record.ts';

const PREFIX = 'repository.';

/** What all hubs should have of each repository. Emits `changed` with the name of one of which that is something else. */
export class RepositoryRecords extends EventEmitter<{ changed: [repo: string] }> {
  /** As they were when `changed` was last emitted. */
  private seen = new Map<string, RepositoryRecord>();

  private constructor(private readonly kept: KeptRecords<RepositoryRecord>) {
    super();
    this.setMaxListeners(0);
    this.seen = new Map(kept.all);
    kept.follow(() => this.look());
  }

  /** Throws ECONFIG if something that is stored is not what a hub wrote, EIO. */
  static async open(store: Store): Promise<RepositoryRecords> {
    const check = ({ key, value }: Entry) => {
      if (isRepositoryRecord(value)) return value;
      throw notWritten(store.where(key), 'to take it from the repositories of the hubs');
    };
    return new RepositoryRecords(await KeptRecords.open(store, [PREFIX], check));
  }

  get(repo: string): RepositoryRecord | undefined {
    return this.kept.all.get(PREFIX + repo);
  }

  /** The names of all repositories that there should be, and of those that were removed. */
  names(): string[] {
    return [...this.kept.all.keys()].map((key) => key.slice(PREFIX.length));
  }

  /**
   * Stores what `decide` makes of a record, which is a new one if there is none, or it was removed; null changes nothing. Returns
   * what is there then. Throws what `decide` throws, EIO, ECONFLICT.
   */
  async change(
    repo: string,
    decide: (now: RepositoryRecord) => RepositoryRecord | null,
  ): Promise<RepositoryRecord | undefined> {
    const id = randomBytes(16).toString('hex');
    await this.kept.change((now) => {
      const before = now.get(PREFIX + repo);
      const next = decide(before && !before.isRemoved ? before : emptyRecord(id, before));
      return next && { next: [[PREFIX + repo, next]] };
    });
    return this.get(repo);
  }

  private look(): void {
    const now = new Map(this.kept.all);
    const names = new Set([...now.keys(), ...this.seen.keys()]);
    const changed = [...names].filter((key) => now.get(key) !== this.seen.get(key));
    this.seen = now;
    for (const key of changed) this.emit('changed', key.slice(PREFIX.length));
  }
}
