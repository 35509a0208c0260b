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

/** Logs what was pushed manually, and deploys it. */
export class PushedCommits {
  private readonly semaphore = new Semaphore(MAX_PARALLEL_DEPLOYS, LONGEST_TURN_MS);

  constructor(
    private readonly deploys: Deploys,
    private readonly events: EventLog,
    private readonly log: (line: string) => void,
  ) {}

  add({ repo, ref, commit }: GitPush, { name, address }: Principal): void {
    this.log(`pushed ${repo} ${ref} ${commit} by ${name} from ${address}`);
    this.events.add({ type: 'pushed', repo, ref, commit, who: name, address });
    void this.deploy(repo, commit);
  }

  private async deploy(repo: string, commit: string): Promise<void> {
    try {
      await this.semaphore.run(() => this.deploys.deploy({ repo, commit, force: false }));
    } catch (error) {
      this.log(`deploying ${repo}/${commit}: ${messageOf(error)}`);
    }
  }
}
