import type { GitServer } from '../git/server.ts';
import type { ClientAnswers } from '../protocol/answers.ts';
import { toWire, type WireError } from '../protocol/errors.ts';
import { ORDER_PATIENCE } from '../protocol/limits.ts';
import type { DroneDirectory, DroneRecord } from './drones/directory.ts';
import type { StateFile } from './state.ts';

/** Drones that fetch at once. Git is the cost: each fetch is a process of the hub's. */
const FETCH_AT_ONCE = 24;

/** Runs `work` for each item, at most `limit` at once. `work` must not reject. */
export async function eachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

/** Brings commits to drones, now and when they come. */
export class Deploys {
  /** Set before anything is served. */
  git!: GitServer;

  constructor(
    private readonly directory: DroneDirectory,
    private readonly state: StateFile,
  ) {}

  /**
   * Records that every drone should have this commit, and has those that are connected fetch it. `missing` where the
   * hub itself does not have it. `progress` is told after each drone. EIO where the hub cannot record it.
   */
  async deploy(
    repo: string,
    commit: string,
    progress: (done: number, total: number) => void,
  ): Promise<ClientAnswers['deploy']> {
    if (!(await this.git.has(repo, commit))) return { missing: true, drones: {} };
    await this.git.hold(repo, commit);
    this.state.deploy(repo, commit);
    const drones: Record<string, WireError | null> = {};
    const records = this.directory.connected();
    let done = 0;
    await eachLimited(records, FETCH_AT_ONCE, async (record) => {
      drones[record.name] = await this.order(record, repo, commit);
      progress(++done, records.length);
    });
    return { missing: false, drones };
  }

  /** What a drone should have that was away, or is new: `seen` is when it was last connected, 0 for a new one. */
  wantedBy(seen: number | undefined): { repo: string; commit: string }[] {
    return this.state
      .wantedSince(seen ?? Number.POSITIVE_INFINITY)
      .map(({ repo, commit }) => ({ repo, commit }));
  }

  private async order(record: DroneRecord, repo: string, commit: string): Promise<WireError | null> {
    try {
      if (!record.peer) throw new Error('the connection was lost');
      await record.peer.call('deploy', { repo, commit }, ORDER_PATIENCE);
      return null;
    } catch (error) {
      return toWire(error);
    }
  }
}
