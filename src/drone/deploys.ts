import { EventEmitter } from 'node:events';
import type { Lag } from '../protocol/fetch.ts';
import type { CheckedOrderParams } from '../protocol/orders.ts';
import { CatchUp, type Missing } from './releases/catch-up.ts';
import type { Releases, Want } from './releases/releases.ts';
import type { Room } from './releases/room.ts';

interface DeploysEvents {
  /** A commit was checked out. */
  deployed: [Missing];
  /** What this drone lacks has changed. */
  lags: [Lag[]];
}

/** Deploys what is ordered, and what this drone has missed. */
export class Deploys extends EventEmitter<DeploysEvents> {
  private readonly catchUp: CatchUp;

  constructor(
    private readonly releases: Pick<Releases, 'bring'> & { room: Pick<Room, 'learn'> },
    problem: (line: string) => void,
  ) {
    super();
    const changed = (lags: Lag[]) => void this.emit('lags', lags);
    this.catchUp = new CatchUp((missing) => this.bring('present', missing), problem, changed);
  }

  /** What this drone lacks because a deploy has failed. */
  get lags(): Lag[] {
    return this.catchUp.lags;
  }

  /** Rejects as {@link Releases.bring} does; then it is tried again later. */
  order({ repo, commit, force, size }: CheckedOrderParams['deploy']): Promise<void> {
    const ordered = { repo, commit };
    if (size) this.releases.room.learn(commit, size);
    return this.catchUp.ordered(ordered, () => this.bring(force ? 'new' : 'whole', ordered));
  }

  /** See {@link CatchUp.start}. */
  catchUpWith(missing: readonly Missing[]): void {
    this.catchUp.start(missing);
  }

  close(): void {
    this.catchUp.close();
  }

  private async bring(want: Exclude<Want, 'built'>, { repo, commit }: Missing): Promise<void> {
    if (await this.releases.bring(want, repo, commit)) this.emit('deployed', { repo, commit });
  }
}
