import { statedBranch } from '../../app-file/stated-branch.ts';
import type { BranchPush } from '../../git/branch-push.ts';
import type { AppEvent } from '../../protocol/apps.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { HubEvent } from '../../protocol/events.ts';
import { isGoodResult, isResult, ReleaseText } from '../../protocol/release-text.ts';
import type { Principal } from '../access/principal.ts';
import type { EventLog } from '../events/event-log.ts';
import { releaseOf } from './app-record.ts';
import type { AppService } from './apps.ts';
import type { Source } from './source.ts';
import { up } from './up.ts';

/** What became of a push. */
interface Outcome {
  /** It was one of the branch that releases the app. */
  released: boolean;
  /** Why it is refused; null if it is not. */
  why: string | null;
}

const AS_EVER: Outcome = { released: false, why: null };

/** Releases what is pushed to the branch that a commit's fleet.toml names. */
export class BranchReleases {
  constructor(
    private readonly service: AppService,
    private readonly events: Pick<EventLog, 'since' | 'on' | 'off'>,
  ) {}

  /** Releases a commit if its branch is the one for that, and tells what happens until it has ended. */
  async release(
    { repo, ref, commit }: BranchPush,
    who: Principal,
    tell: (line: string) => void,
  ): Promise<Outcome> {
    const isMeant = await this.isMeant(repo, ref, commit).catch((error: unknown) => error as Error);
    if (isMeant === false) return AS_EVER;
    if (isMeant !== true) return refused(isMeant);
    try {
      const params = { repo, stage: null, commit, subject: '', canary: null, rebuild: false };
      const all = { ...params, force: false, strict: false, wait: 0 };
      // A push that is cut off does not end what it has begun.
      const client = { who, gone: new Promise<never>(() => {}) };
      const begun = await this.service.leader.call(client, 'app.up', all, () =>
        up(this.service, all, who.name),
      );
      if ('live' in begun) {
        tell(`v${begun.live.release} is live already`);
        return { released: true, why: null };
      }
      return { released: true, why: await this.follow(begun, tell) };
    } catch (error) {
      return refused(error);
    }
  }

  private async isMeant(repo: string, ref: string, commit: string): Promise<boolean> {
    const { source } = this.service.parts;
    // A commit without these files is stored and deployed as any.
    const files = await unlessMistaken(() => source.readUnchecked(repo, commit, null));
    if (files === null) return false;
    const branches = await unlessMistaken(async () => [this.branchOf(files)]);
    // With a mistake, it is the push of a release, which is refused for that, if anything says so.
    const meant = branches ?? [statedBranch(files.toml ?? ''), this.liveBranch(repo)];
    return meant.some((branch) => branch !== null && ref === `refs/heads/${branch}`);
  }

  private branchOf({ toml, procfile }: Pick<Source, 'toml' | 'procfile'>): string | null {
    return this.service.parts.fileOf({ toml, procfile, stage: null }).deploy.branch;
  }

  private liveBranch(repo: string): string | null {
    const app = this.service.apps.find({ repo, stage: null })?.app;
    const live = app ? releaseOf(app, app.live) : null;
    return live ? this.branchOf(live) : null;
  }

  /** Tells what happens to a release. Returns why it has failed; null if it has not. */
  private follow(
    { app, release, seq }: { app: string; release: number; seq: number },
    tell: (line: string) => void,
  ): Promise<string | null> {
    const text = new ReleaseText();
    return new Promise((resolve) => {
      const hear = (event: HubEvent) => {
        const told = event as unknown as AppEvent;
        if (told.app !== app || told.release !== release) return;
        for (const line of text.lines(told)) tell(line.text);
        if (told.type !== 'release' || !isResult(told.state)) return;
        this.events.off('event', hear);
        resolve(isGoodResult(told) ? null : `v${release} ${told.state}: ${told.why ?? 'it was ended'}`);
      };
      this.events.on('event', hear);
      for (const event of this.events.since(seq).events) hear(event);
    });
  }
}

/** Returns null if the files of a commit are missing, or have a mistake in them. */
async function unlessMistaken<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FleetError && error.code === 'ECONFIG') return null;
    throw error;
  }
}

function refused(error: unknown): Outcome {
  return { released: true, why: messageOf(error) };
}
