import type { IncomingMessage, ServerResponse } from 'node:http';
import { diskUsage } from '../system/disk-usage.ts';
import { refuse } from '../system/http-refusal.ts';
import type { BranchHandler } from './branch-push.ts';
import { createFor } from './creators.ts';
import { emptyAdvertisement } from './empty-advertisement.ts';
import { Forgetting } from './forgetting.ts';
import { type GitLimits, limitsOf } from './limits.ts';
import { Maintenance } from './maintenance.ts';
import { peel } from './peel.ts';
import { type PushCommand, ZERO } from './push-head.ts';
import { Pushes } from './receive-pack.ts';
import { Repairs } from './repairs.ts';
import { GitProcesses } from './server-processes.ts';
import { ShallowCommits } from './shallow-commits.ts';
import { DEPLOYED, type GitStore } from './store.ts';
import { type FetchedFrom, Fetches } from './upload-pack.ts';

/** What is done with a push. */
export interface PushHandlers {
  onPush(pushes: GitPush[]): void;
  /** The token that pushes; null for whoever is not limited. */
  creator: string | null;
  /** Is told of a repository that is new. */
  onCreated(repo: string): void;
  /** Is told of refs that were removed, or that were refused; `why` is null for those that were removed. */
  onOther(repo: string, refs: string[], why: string | null): void;
  branch: BranchHandler;
  /** When this is aborted, the push ends, and changes nothing. */
  until: AbortSignal;
}

/** A branch or tag that was pushed by hand, and the commit that it now points to. */
export interface GitPush {
  repo: string;
  ref: string;
  commit: string;
}

/**
 * Smart HTTP (gitprotocol-http(5)) over the repositories of a store. Who may do what is decided before these methods
 * are called. Each of them rejects with EPROTOCOL, ELIMIT or EIO if there is no answer to the request.
 */
export class GitServer {
  private readonly processes: GitProcesses;
  private readonly fetches: Fetches;
  private readonly pushes: Pushes;
  private readonly repairs: Repairs;
  private readonly maintenance: Maintenance;
  readonly forgetting: Forgetting;

  constructor(
    private readonly store: GitStore,
    log: (line: string) => void,
    limits: GitLimits = limitsOf(),
  ) {
    store.sweepAll();
    this.processes = new GitProcesses(store.dir, limits);
    const shallowCommits = new ShallowCommits(store);
    this.repairs = new Repairs(store, shallowCommits, log);
    this.maintenance = new Maintenance(store, this.processes, log);
    this.fetches = new Fetches(store, this.processes, shallowCommits);
    this.pushes = new Pushes(store, this.processes, this.maintenance, shallowCommits, this.repairs);
    const { processes, repairs, maintenance, fetches, pushes } = this;
    this.forgetting = new Forgetting({ store, processes, repairs, maintenance, fetches, pushes });
  }

  /** Answers GET info/refs for a fetch. */
  async advertiseFetch(of: FetchedFrom, request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.advertise('upload-pack', of, request, response);
  }

  /** Answers GET info/refs for a push. This creates no repository: the first push to a name does. */
  async advertisePush(of: FetchedFrom, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.store.exists(of.repo)) return this.advertise('receive-pack', of, request, response);
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('Content-Type', 'application/x-git-receive-pack-advertisement');
    response.end(emptyAdvertisement());
  }

  /** Answers POST git-upload-pack. */
  async fetch(of: FetchedFrom, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await this.opens(of.repo, response))) return;
    this.repairs.consider(of.repo, await this.fetches.serve(of, request, response));
  }

  /**
   * Answers POST git-receive-pack, and creates the repository if it is new. A push of one branch is `branch`'s to handle; `onPush` is called with the branches and
   * tags that other pushes have changed, once they are stored.
   */
  async push(
    repo: string,
    request: IncomingMessage,
    response: ServerResponse,
    { creator, onCreated, onPush, onOther, branch, until }: PushHandlers,
  ): Promise<void> {
    await this.repairs.settled(repo);
    response.setHeader('Cache-Control', 'no-cache');
    const kept: GitPush[] = [];
    try {
      const commands = await this.pushes.serve(repo, request, response, until, {
        whose: creator,
        create: async () => {
          if (await createFor(this.store, creator, repo)) onCreated(repo);
        },
        forbids: (ref) => branch.forbids?.(ref) ?? null,
        refused: (refs, why) => onOther(repo, refs, why),
        before: branch.before,
        after: async (push, tell) => {
          // Not later, because a clone right after the push must find a HEAD.
          await this.keep(repo, { ref: push.ref, before: '', after: push.commit });
          await branch.after(push, tell);
        },
      });
      const removed = commands.filter(({ after }) => after === ZERO).map(({ ref }) => ref);
      if (removed.length > 0) {
        onOther(repo, removed, null);
        // The branch of HEAD may be among them: a clone gets what was deployed last, then.
        await this.store.settleHead(repo, DEPLOYED);
      }
      for (const command of defaultsFirst(commands.filter(({ after }) => after !== ZERO))) {
        const commit = await this.keep(repo, command);
        if (commit !== null) kept.push({ repo, ref: command.ref, commit });
      }
    } finally {
      if (kept.length > 0) onPush(kept);
    }
    // Not earlier, because a clone right after the push must find a HEAD.
    if (!response.writableEnded) response.end();
  }

  /** Returns true if the complete commit is here. Waits while the repository is being repaired. */
  async has(repo: string, commit: string): Promise<boolean> {
    await this.repairs.settled(repo);
    return this.store.has(repo, commit);
  }

  /** Repairs the repository if a git that read it says that it is damaged, and resolves after that. */
  async repair(repo: string, said: string): Promise<void> {
    this.repairs.consider(repo, said);
    await this.repairs.settled(repo);
  }

  /** See `GitStore.hold`. */
  hold(repo: string, commit: string): Promise<void> {
    return this.store.hold(repo, commit);
  }

  /** Packs all repositories, and resolves to the bytes that this has freed. Every object stays. */
  async tidy(): Promise<number> {
    const before = await diskUsage(this.store.dir);
    await this.maintenance.tidyAll();
    return Math.max(0, before - (await diskUsage(this.store.dir)));
  }

  /** Ends every git process. */
  async close(): Promise<void> {
    this.fetches.close();
    await Promise.all([this.processes.close(), this.repairs.close()]);
  }

  private async advertise(
    service: 'upload-pack' | 'receive-pack',
    of: FetchedFrom,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!(await this.opens(of.repo, response))) return;
    this.repairs.consider(of.repo, await this.fetches.advertise(of, service, request, response));
  }

  /** Answers 404 and returns false if the repository does not exist. */
  private async opens(repo: string, response: ServerResponse): Promise<boolean> {
    await this.repairs.settled(repo);
    if (!this.store.exists(repo)) {
      refuse(response, 404, `there is no repository ${repo} here yet; push to it, or: fleet deploy`);
      return false;
    }
    response.setHeader('Cache-Control', 'no-cache');
    return true;
  }

  /** Holds the commit of a branch or tag that was pushed by hand. Null if this was no such push. */
  private async keep(repo: string, { ref, before, after }: PushCommand): Promise<string | null> {
    // Fleet's own refs are pushed by `fleet deploy`, which then orders the deploy itself.
    if (before === after || !/^refs\/(heads|tags)\//.test(ref)) return null;
    const commit = ref.startsWith('refs/tags/') ? await peel(this.store.path(repo), after) : after;
    if (commit === null) return null;
    await this.store.setRef(repo, `refs/fleet/${commit}`, commit);
    await this.store.hold(repo, commit);
    if (ref.startsWith('refs/heads/')) await this.store.settleHead(repo, ref);
    return commit;
  }
}

/** Returns the commands of a push, with the branches first that HEAD would rather name. */
function defaultsFirst(commands: readonly PushCommand[]): PushCommand[] {
  const rank = ({ ref }: PushCommand) => 1 + ['refs/heads/master', 'refs/heads/main'].indexOf(ref);
  return [...commands].sort((a, b) => rank(b) - rank(a));
}
