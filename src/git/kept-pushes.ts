import type { Elsewhere } from './elsewhere.ts';
import { peel } from './peel.ts';
import type { PushCommand } from './push-head.ts';
import { isShallow } from './shallow-commits.ts';
import type { GitStore } from './store.ts';

/** Keeps what was pushed, and lets clones check it out: here, or at all hubs. */
export class KeptPushes {
  constructor(
    private readonly store: GitStore,
    private readonly elsewhere: Pick<Elsewhere, 'deployed'> | null,
  ) {}

  /** Holds the commit of a branch or tag that was pushed by hand. Null if this was no such push. */
  async keep(repo: string, { ref, before, after }: PushCommand): Promise<string | null> {
    // Fleet's own refs are pushed by `fleet deploy`, which then orders the deploy itself.
    if (before === after || !/^refs\/(heads|tags)\//.test(ref)) return null;
    const commit = ref.startsWith('refs/tags/') ? await peel(this.store.path(repo), after) : after;
    if (commit === null) return null;
    await this.store.setRef(repo, `refs/fleet/${commit}`, commit);
    // Elsewhere has moved the others already.
    if (this.elsewhere) return commit;
    await this.store.hold(repo, commit);
    if (ref.startsWith('refs/heads/')) await this.store.settleHead(repo, ref);
    return commit;
  }

  /** See `GitStore.hold`. */
  async hold(repo: string, commit: string): Promise<void> {
    if (!this.elsewhere) return this.store.hold(repo, commit);
    if (await isShallow(this.store, repo, commit)) return this.store.hold(repo, commit);
    await this.store.setRef(repo, `refs/fleet/${commit}`, commit);
    await this.elsewhere.deployed(repo, commit);
  }
}

/** Returns the commands of a push, with the branches first that HEAD would rather name. */
export function defaultsFirst(commands: readonly PushCommand[]): PushCommand[] {
  const rank = ({ ref }: PushCommand) => 1 + ['refs/heads/master', 'refs/heads/main'].indexOf(ref);
  return [...commands].sort((a, b) => rank(b) - rank(a));
}
