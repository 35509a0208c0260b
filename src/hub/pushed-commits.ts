import type { GitPush } from '../git/server.ts';
import { messageOf } from '../protocol/errors.ts';
import { Semaphore } from '../system/semaphore.ts';
import type { Principal } from './access/principal.ts';
import type { Deploys } from './deploys.ts';
import type { EventLog } from './events/event-log.ts';

/** Manual pushes that are deployed at once: a push of many branches must not start as many deploys. */
const MAX_PARALLEL_DEPLOYS = 4;
/** After this time, a drone that is slow to deploy no longer holds up the other commits of a push. */
const LONGEST_TURN_MS = 60_000;

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

/** Logs what was pushed manually, and deploys what is meant to be. */
export class PushedCommits {
  private readonly semaphore = new Semaphore(MAX_PARALLEL_DEPLOYS, LONGEST_TURN_MS);

  constructor(
    private readonly deploys: Deploys,
    private readonly events: EventLog,
    private readonly log: (line: string) => void,
  ) {}

  /** Takes the branches and tags of one push. */
  add(pushes: readonly GitPush[], { name, address }: Principal): void {
    for (const { repo, ref, commit } of pushes) {
      this.log(`pushed ${repo} ${ref} ${commit} by ${name} from ${address}`);
      this.events.add({ type: 'pushed', repo, ref, commit, who: name, address });
    }
    const [first] = pushes;
    if (first) for (const commit of commitsToDeploy(pushes)) void this.deploy(first.repo, commit);
  }

  private async deploy(repo: string, commit: string): Promise<void> {
    try {
      const deploy = () => this.deploys.deploy({ repo, commit, force: false });
      const { drones } = await this.semaphore.run(deploy);
      for (const [drone, error] of Object.entries(drones))
        if (error) this.log(`deploying ${repo}/${commit}: [${drone}] ${error.message}`);
    } catch (error) {
      this.log(`deploying ${repo}/${commit}: ${messageOf(error)}`);
    }
  }
}
