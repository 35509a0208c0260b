import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../system/http-refusal.ts';
import { createFor } from './creators.ts';
import { asksAsItIs, type Elsewhere } from './elsewhere.ts';
import { emptyAdvertisement } from './empty-advertisement.ts';
import { Forgetting } from './forgetting.ts';
import { HubFetches } from './hub-fetches.ts';
import { defaultsFirst, KeptPushes } from './kept-pushes.ts';
import { type GitLimits, limitsOf } from './limits.ts';
import { Maintenance } from './maintenance.ts';
import type { GitPush, PushHandlers } from './push-handlers.ts';
import { ZERO } from './push-head.ts';
import { Pushes } from './receive-pack.ts';
import { Removals } from './removals.ts';
import { Repairs } from './repairs.ts';
import { GitProcesses } from './server-processes.ts';
import { ShallowCommits } from './shallow-commits.ts';
import { DEPLOYED, type GitStore } from './store.ts';
import { type FetchedFrom, Fetches } from './upload-pack.ts';

/**
 * Smart HTTP (gitprotocol-http(5)) over the repositories of a store. Who may do what is decided before these methods
 * are called. Each of them rejects with EPROTOCOL, ELIMIT or EIO if there is no answer to the request.
 */
export class GitServer {
  private readonly processes: GitProcesses;
  private readonly fetches: Fetches;
  private readonly pushes: Pushes;
  private readonly repairs: Repairs;
  private readonly kept: KeptPushes;
  private readonly elsewhere: Elsewhere | null;
  readonly removals: Removals;
  readonly fromHubs: HubFetches;

  constructor(
    private readonly store: GitStore,
    log: (line: string) => void,
    limits: GitLimits = limitsOf(),
    elsewhereOf: (git: GitServer) => Elsewhere | null = () => null,
  ) {
    store.sweepAll();
    const elsewhere = elsewhereOf(this);
    this.elsewhere = elsewhere;
    this.kept = new KeptPushes(store, elsewhere);
    this.processes = new GitProcesses(store.dir, limits);
    const shallowCommits = new ShallowCommits(store);
    this.repairs = new Repairs(store, shallowCommits, log, elsewhere, limits.memoryBytes);
    const maintenance = new Maintenance(store, this.processes, log);
    this.fetches = new Fetches(store, this.processes, shallowCommits, elsewhere);
    this.fromHubs = new HubFetches(store, this.processes, shallowCommits);
    this.pushes = new Pushes(store, this.processes, maintenance, shallowCommits, this.repairs, elsewhere);
    const { processes, repairs, fetches, pushes } = this;
    const here = new Forgetting({ store, processes, repairs, maintenance, fetches, pushes });
    this.removals = new Removals(store, maintenance, here, elsewhere);
  }

  /** Answers GET info/refs for a fetch. */
  async advertiseFetch(of: FetchedFrom, request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.advertise('upload-pack', of, request, response);
  }

  /** Answers GET info/refs for a push. This creates no repository: the first push to a name does. */
  async advertisePush(of: FetchedFrom, request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.settled(of.repo, request);
    if (this.store.exists(of.repo)) return this.advertise('receive-pack', of, request, response);
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('Content-Type', 'application/x-git-receive-pack-advertisement');
    response.end(emptyAdvertisement());
  }

  /** Answers POST git-upload-pack. */
  async fetch(of: FetchedFrom, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await this.opens(of.repo, request, response))) return;
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
    await this.settled(repo, request);
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
          await this.kept.keep(repo, { ref: push.ref, before: '', after: push.commit });
          await branch.after(push, tell);
        },
      });
      const removed = commands.filter(({ after }) => after === ZERO).map(({ ref }) => ref);
      if (removed.length > 0) {
        onOther(repo, removed, null);
        // The branch of HEAD may be among them: a clone gets what was deployed last, then.
        if (!this.elsewhere) await this.store.settleHead(repo, DEPLOYED);
      }
      for (const command of defaultsFirst(commands.filter(({ after }) => after !== ZERO))) {
        const commit = await this.kept.keep(repo, command);
        if (commit !== null) kept.push({ repo, ref: command.ref, commit });
      }
    } finally {
      if (kept.length > 0) onPush(kept);
    }
    // Not earlier, because a clone right after the push must find a HEAD.
    if (!response.writableEnded) response.end();
  }

  /** Returns true if the complete commit is here, or another hub had it. Waits while the repository is being repaired. */
  async has(repo: string, commit: string): Promise<boolean> {
    await this.repairs.settled(repo);
    if (await this.store.has(repo, commit)) return true;
    await this.elsewhere?.bring(repo, [commit]);
    return this.elsewhere !== null && this.store.has(repo, commit);
  }

  /** Repairs the repository if a git that read it says that it is damaged, and resolves after that. */
  async repair(repo: string, said: string): Promise<void> {
    this.repairs.consider(repo, said);
    await this.repairs.settled(repo);
  }

  /** See `GitStore.hold`. */
  hold(repo: string, commit: string): Promise<void> {
    return this.kept.hold(repo, commit);
  }

  /** Does something with a repository as a push does: not while it is repaired, nor while something is forgotten. */
  async during<T>(repo: string, work: () => Promise<T>): Promise<T> {
    await this.repairs.settled(repo);
    return this.pushes.during(repo, work);
  }

  /** Ends every git process. */
  async close(): Promise<void> {
    this.fetches.close();
    this.fromHubs.close();
    await Promise.all([this.processes.close(), this.repairs.close()]);
  }

  private async advertise(
    service: 'upload-pack' | 'receive-pack',
    of: FetchedFrom,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!(await this.opens(of.repo, request, response))) return;
    this.repairs.consider(of.repo, await this.fetches.advertise(of, service, request, response));
  }

  /** Resolves when the repository is repaired, and has the refs that all hubs should have. */
  private async settled(repo: string, request: IncomingMessage): Promise<void> {
    await this.repairs.settled(repo);
    if (!asksAsItIs(request)) await this.elsewhere?.settle(repo);
  }

  /** Answers 404 and returns false if the repository does not exist. */
  private async opens(repo: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    await this.settled(repo, request);
    if (!this.store.exists(repo)) {
      refuse(response, 404, `there is no repository ${repo} here yet; push to it, or: fleet deploy`);
      return false;
    }
    response.setHeader('Cache-Control', 'no-cache');
    return true;
  }
}
