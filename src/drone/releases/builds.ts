import { FleetError } from '../../protocol/errors.ts';
import type { Preparation } from '../../protocol/instance.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { isLinkedAlike, type Need, needOf } from './need.ts';
import { type Release, releaseOf } from './release.ts';
import { missingFileText } from './shared-paths.ts';
import { missingFile } from './steps/missing.ts';
import type { ReleaseStore } from './store.ts';
import { Turns } from './turns.ts';

/** The result of a preparation: the build's job, if there was one, and why it failed; null if it did not. */
export interface PreparationResult {
  job: string | null;
  why: string | null;
}

export interface BuildsOptions {
  store: ReleaseStore;
  /** Returns the drone's name. */
  name(): string;
  /** Takes steps towards `built`. Resolves to the job of a build that has to end first, or null once it is built. */
  walk(release: Release, need: Need): Promise<string | null>;
  /** Makes a fresh checkout. */
  renew(release: Release): Promise<unknown>;
  isBuilt(release: Release): boolean;
  isBuilding(release: Release): boolean;
  /** Resolves to a build's outcome, once it has ended. */
  outcome(job: string): Promise<Outcome>;
  /** Resolves once the builds of other releases that a previous drone has started have ended. */
  othersEnded(release: Release): Promise<unknown>;
}

/** Prepares checkouts for processes of apps. Builds run one at a time, and outlive the drone. */
export class Builds {
  private readonly underWay = new Map<string, { result: Promise<PreparationResult>; rebuild: boolean }>();
  private readonly slot = new Turns();

  constructor(private readonly options: BuildsOptions) {}

  /**
   * Prepares a commit for an app, or joins the preparation in progress. Throws EUSAGE, ESPAWN, and what `Walk.run` does.
   */
  prepare(preparation: Preparation): Promise<PreparationResult> {
    const { app, repo, commit, rebuild } = preparation;
    const release = releaseOf(repo, commit, app);
    const before = this.underWay.get(release.name);
    if (before && (before.rebuild || !rebuild)) return before.result;
    const result = (before?.result ?? Promise.resolve())
      .catch(() => {})
      .then(() => this.see(release, preparation))
      .finally(() => {
        if (this.underWay.get(release.name)?.result === result) this.underWay.delete(release.name);
      });
    this.underWay.set(release.name, { result, rebuild });
    return result;
  }

  /** Prepares a commit as before. Throws ESPAWN if it never was prepared or its build fails, and what `prepare` does. */
  async prepareAgain(release: Release): Promise<void> {
    const need = this.options.store.need(release);
    if (!need)
      throw new FleetError('ESPAWN', `${release.app} ${release.commit.slice(0, 7)} is not prepared here`);
    const { job, why } = await this.prepare({ ...need, rebuild: false });
    if (why !== null) throw new FleetError('ESPAWN', job === null ? why : `${why}; see fleet logs ${job}`);
  }

  private async see(release: Release, preparation: Preparation): Promise<PreparationResult> {
    const { store, renew, isBuilt, isBuilding, name } = this.options;
    const need = needOf(preparation);
    const missing = await missingFile(store.shared(release), need);
    if (missing !== null) return { job: null, why: missingFileText(name(), missing) };
    const before = store.need(release);
    const isOther = before !== null && !isLinkedAlike(before, need);
    // The order may be sent again while its build, which has outlived a drone, still runs.
    if (isOther || (preparation.rebuild && !isBuilding(release))) await renew(release);
    // Written last: if the checkout fails, the next preparation must notice the difference again.
    if (JSON.stringify(before) !== JSON.stringify(need)) store.writeNeed(release, need);
    if (isBuilt(release)) return { job: store.read(release)?.job ?? null, why: null };
    if (need.build === null) return this.go(release, need);
    return this.slot.take('build', async () => {
      await this.options.othersEnded(release);
      return this.go(release, need);
    });
  }

  /** Continues until it is built or a build has failed. */
  private async go(release: Release, need: Need): Promise<PreparationResult> {
    for (;;) {
      const job = await this.options.walk(release, need);
      if (job === null) return { job: this.options.store.read(release)?.job ?? null, why: null };
      const { why } = await this.options.outcome(job);
      if (why !== null) return { job, why: `the build ${why}` };
    }
  }
}
