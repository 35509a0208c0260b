import type { BranchHandler, BranchPush } from '../git/branch-push.ts';
import type { GitPush, PushHandlers } from '../git/push-handlers.ts';
import { messageOf } from '../protocol/errors.ts';
import { Semaphore } from '../system/semaphore.ts';
import { within } from '../system/within.ts';
import { refForbidden } from './access/limits.ts';
import { doerOf, noLongerValid, type Principal } from './access/principal.ts';
import { isLimited } from './access/shares.ts';
import type { BranchReleases } from './apps/branch-releases.ts';
import type { Deploys } from './deploys.ts';
import type { CountedDeeds } from './events/counted-deeds.ts';
import type { EventLog } from './events/event-log.ts';

/** Manual pushes that are deployed at once: a push of many branches must not start as many deploys. */
const MAX_PARALLEL_DEPLOYS = 4;
/** After this time, a drone that is slow to deploy no longer holds up the other commits of a push. */
const LONGEST_TURN_MS = 60_000;
/** How long a push waits for drones, to tell whoever pushes which of them have failed. */
const TELL_WITHIN_MS = 30_000;

/** Refs of one push that are each an event, and of others, how many are named: a push may have thousands. */
const MAX_NOTED = 100;
const MAX_NAMED = 10;

/** The first of these that is in a push is its default branch. HEAD cannot tell: it follows deploys. */
const DEFAULT_BRANCHES = ['refs/heads/main', 'refs/heads/master'];

/**
 * Returns the commits to deploy of one manual push. A single branch or tag was asked for by name. Of many, as with
 * `--all`, the default branch is meant, or if it is not among them, each branch. Many tags alone, as with `--tags`, are
 * old releases.
 */
export function commitsToDeploy(pushes: readonly GitPush[]): string[] {
  const branches = pushes.filter(({ ref }) => ref.startsWith('refs/heads/'));
  const name = DEFAULT_BRANCHES.find((one) => branches.some(({ ref }) => ref === one));
  const byDefault = branches.filter(({ ref }) => name === undefined || ref === name);
  const meant = pushes.length === 1 ? pushes : byDefault;
  return [...new Set(meant.map(({ commit }) => commit))];
}

/** Logs what was pushed manually, and releases or deploys what is meant to be. */
export class PushedCommits {
  private readonly semaphore = new Semaphore(MAX_PARALLEL_DEPLOYS, LONGEST_TURN_MS);

  constructor(
    private readonly deploys: Deploys,
    private readonly events: EventLog,
    private readonly deeds: CountedDeeds,
    private readonly releases: BranchReleases,
    private readonly log: (line: string) => void,
  ) {}

  /** What is done with what `who` pushes. */
  handlersFor(who: Principal): Omit<PushHandlers, 'until'> {
    return {
      creator: isLimited(who.name) ? who.name : null,
      onCreated: (repo) => {
        this.deeds.add({ call: 'create', ...doerOf(who), repo, result: 'ok' }, repo);
      },
      onPush: (pushes) => this.add(pushes, who),
      onOther: (repo, refs, why) => this.noteOthers(repo, refs, why ?? 'removed', who),
      branch: this.branchHandler(who),
    };
  }

  /** Takes the branches and tags of one push. */
  add(pushes: readonly GitPush[], who: Principal): void {
    const [first] = pushes;
    for (const push of pushes.slice(0, MAX_NOTED)) this.note(push, who);
    const rest = pushes.slice(MAX_NOTED).map(({ ref }) => ref);
    if (first && rest.length > 0) this.noteOthers(first.repo, rest, 'ok', who);
    // Whose token was removed meanwhile has changed these refs before that, but deploys nothing any more.
    if (first && who.isValid())
      for (const commit of commitsToDeploy(pushes)) void this.deploy(first.repo, commit);
  }

  private branchHandler(who: Principal): BranchHandler {
    let isReleased = false;
    return {
      forbids: (ref) => refForbidden(who, ref),
      before: async (push, tell) => {
        const { released, why } = await this.releases.release(push, who, tell);
        isReleased = released;
        // A release is the hub's once it has begun, and so is what follows it.
        return released || who.isValid() ? why : noLongerValid(who).message;
      },
      after: async (push, tell) => {
        this.note(push, who);
        if (!isReleased) await this.deployAndTell(push, tell);
      },
    };
  }

  private note({ repo, ref, commit }: GitPush, who: Principal): void {
    this.log(`pushed ${repo} ${ref} ${commit} by ${who.name} from ${who.address}`);
    this.events.add({ type: 'pushed', repo, ref, commit, ...doerOf(who) });
  }

  /** Adds refs of a push that are not noted each for itself to the audit trail. */
  private noteOthers(repo: string, refs: string[], result: string, who: Principal): void {
    const named = refs.slice(0, MAX_NAMED);
    this.deeds.add(
      { call: 'push', ...doerOf(who), repo, refs: named, of: refs.length, result },
      `${repo} ${result}`,
    );
  }

  /** Deploys a branch, and tells whoever pushes which drones have failed, if they have within a while. */
  private async deployAndTell({ repo, commit }: BranchPush, tell: (line: string) => void): Promise<void> {
    const failures = await within(this.deploy(repo, commit), TELL_WITHIN_MS, null);
    for (const line of failures ?? ['drones are still fetching it']) tell(line);
  }

  /** Returns a line for each drone that has failed. */
  private async deploy(repo: string, commit: string): Promise<string[]> {
    try {
      const deploy = () => this.deploys.deploy({ repo, commit, force: false, drones: null });
      const { drones } = await this.semaphore.run(deploy);
      const failures = Object.entries(drones).flatMap(([drone, error]) =>
        error ? [`[${drone}] ${error.message}`] : [],
      );
      for (const line of failures) this.log(`deploying ${repo}/${commit}: ${line}`);
      return failures;
    } catch (error) {
      this.log(`deploying ${repo}/${commit}: ${messageOf(error)}`);
      return [messageOf(error)];
    }
  }
}
