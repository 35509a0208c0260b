import type { CommitSize } from '../../git/commit-size.ts';
import { FleetError } from '../../protocol/errors.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { type Space, spaceOf } from '../../system/free-space.ts';
import { sizeText } from '../../system/size-text.ts';
import { DEFAULT_COMMIT_LIMITS, demandSmall } from '../commit-limits.ts';
import { keptBytes, type MinFree } from '../min-free.ts';
import type { Release } from './release.ts';

/** Git does not say how large what it fetches is. */
const LOOK_EVERY_MS = 100;
const MAX_KNOWN = 1_000;

export interface RoomOptions {
  minFree?: MinFree | undefined;
  /** The most that a commit may have. */
  maxCommit?: CommitSize | undefined;
  /** Returns the drone's name. */
  name(): string;
}

/** Keeps deploys from filling a disk, on which what runs has to write too. */
export class Room {
  /** How much of a release was fetched before the disk was too full, by its name. */
  private readonly tooLarge = new BoundedMap<string, number>(MAX_KNOWN);
  /** By commit, as the hub has counted. */
  private readonly sizes = new BoundedMap<string, CommitSize>(MAX_KNOWN);

  constructor(private readonly options: RoomOptions) {}

  /** The most that a commit may have. */
  get most(): CommitSize {
    return this.options.maxCommit ?? DEFAULT_COMMIT_LIMITS;
  }

  /** Takes the size of a commit, which need not be counted then. */
  learn(commit: string, size: CommitSize): void {
    this.sizes.set(commit, size);
  }

  /** Returns the size of a commit if the hub has told it. */
  known(commit: string): CommitSize | undefined {
    return this.sizes.get(commit);
  }

  /**
   * Throws EIO if a checkout of this size below `path` would leave less than is kept free, ELIMIT if that is more than a
   * commit may have.
   */
  checkout(path: string, { files, bytes }: CommitSize): void {
    demandSmall({ files, bytes }, this.most, this.options.name());
    const space = spaceOf(path);
    if (space && !this.has(space, bytes)) throw this.refusal('checkout', space, sizeText(bytes));
  }

  /**
   * Runs the fetch of a release, which writes to `path`, and aborts its signal when less is left than is kept free. Throws EIO
   * then, and at once if it is tried again and there is no more room than before.
   */
  async fetch<T>({ name }: Release, path: string, fetch: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const full = new AbortController();
    const before = spaceOf(path);
    if (!before) return fetch(full.signal);
    const refuse = (bytes: number) =>
      this.refusal('fetch', before, bytes > 0 ? `more than ${sizeText(bytes)}` : null);
    const known = this.tooLarge.get(name) ?? 0;
    if (!this.has(before, known)) throw refuse(known);
    const timer = setInterval(() => {
      const now = spaceOf(path);
      if (!now || this.has(now, 0)) return;
      const bytes = Math.max(0, before.free - now.free);
      this.tooLarge.set(name, bytes);
      full.abort(refuse(bytes));
    }, LOOK_EVERY_MS);
    try {
      return await fetch(full.signal);
    } finally {
      clearInterval(timer);
    }
  }

  private has(space: Space, bytes: number): boolean {
    return space.free - bytes >= this.kept(space);
  }

  private kept({ total }: Space): number {
    return keptBytes(this.options.minFree, total);
  }

  private refusal(doing: string, space: Space, needed: string | null): FleetError {
    const there = `${doing}: ${this.options.name()} has ${sizeText(space.free)} free`;
    const need = needed === null ? '' : ` the commit needs ${needed} and`;
    const kept = `--min-free keeps ${sizeText(this.kept(space))}`;
    return new FleetError('EIO', `${there};${need} ${kept}; fleet prune may free some`);
  }
}
