import { setTimeout as sleep } from 'node:timers/promises';

/** How many milliseconds a push waits for another one of the same commit. */
const LONGEST_WAIT = 10_000;

/** If two clients push the same commit at once, git would refuse the second push, so it waits for the first. */
export class CommitTurns {
  /** By repository and commit. */
  private readonly pushing = new Map<string, Promise<unknown>>();

  /** Pushes a commit, null for none or several, and settles as `push` does. */
  async after<T>(repo: string, commit: string | null, push: () => Promise<T>): Promise<T> {
    if (commit === null) return push();
    const key = `${repo} ${commit}`;
    const before = this.pushing.get(key);
    // A stalled client must not hold up the others for long.
    if (before) await Promise.race([before, sleep(LONGEST_WAIT, undefined, { ref: false })]);
    const turn = push();
    const settled = turn.catch(() => {});
    this.pushing.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.pushing.get(key) === settled) this.pushing.delete(key);
    }
  }
}
