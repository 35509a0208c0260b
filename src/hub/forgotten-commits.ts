import type { Removals } from '../git/removals.ts';
import { repositoryNames } from '../git/repositories.ts';
import type { GitStore } from '../git/store.ts';
import { appName, stageOption } from '../protocol/app-names.ts';
import type { CheckedClientParams, ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, toWire } from '../protocol/errors.ts';
import type { OrderAnswers } from '../protocol/orders.ts';
import type { AppRecord } from './apps/app-record.ts';
import type { DeployedCommits } from './deployed-commits.ts';
import type { DroneDirectory } from './drones/directory.ts';

/** A drone may have a large repository to pack. */
const FORGET_TIMEOUT_MS = 10 * 60_000;

export interface ForgottenCommitsParts {
  store: Pick<GitStore, 'dir' | 'has'>;
  git: Pick<Removals, 'forget'>;
  deployed: Pick<DeployedCommits, 'forgetCommit' | 'newest'>;
  directory: Pick<DroneDirectory, 'all' | 'connected' | 'connection' | 'lost'>;
  apps(): readonly AppRecord[];
}

interface Unwanted {
  repo: string;
  commit: string;
}

/** Forgets commits that nobody should have any more: at the hub, and on drones. */
export class ForgottenCommits {
  constructor(private readonly parts: ForgottenCommitsParts) {}

  /** See the call, also for what it throws. */
  async forget({
    force,
    ...unwanted
  }: CheckedClientParams['commit.forget']): Promise<ClientAnswers['commit.forget']> {
    const { store, git, deployed, directory } = this.parts;
    const { repo, commit } = unwanted;
    if (!(await repositoryNames(store)).includes(repo))
      throw new FleetError('ENOREPO', `the hub has no repository ${repo}; see: fleet repos`);
    const reason =
      whyRunning(unwanted, directory) ??
      this.parts
        .apps()
        .reduce<string | null>((why, app) => why ?? whyReleased(unwanted, app, force ?? false), null);
    if (reason !== null) throw new FleetError('EBUSY', reason);
    const wasHere = await store.has(repo, commit);
    const wasDeployed = await deployed.forgetCommit(repo, commit);
    const refs = await git.forget(repo, commit, deployed.newest(repo));
    const drones = await this.askDrones(unwanted);
    const hasRemoved = Object.values(drones).some((one) => 'code' in one || one.checkouts.length > 0);
    if (!wasHere && !wasDeployed && !hasRemoved)
      throw new FleetError('ENOCOMMIT', `neither the hub nor a drone has ${repo}/${commit}`);
    return { refs, drones, absent: directory.lost() };
  }

  private async askDrones(unwanted: Unwanted): Promise<ClientAnswers['commit.forget']['drones']> {
    const names = this.parts.directory.connected().map(({ name }) => name);
    const results = names.map(async (name) => [name, await this.ask(name, unwanted).catch(toWire)] as const);
    return Object.fromEntries(await Promise.all(results));
  }

  private async ask(name: string, unwanted: Unwanted): Promise<OrderAnswers['forget']> {
    const { orders, features } = this.parts.directory.connection(name);
    if (!features.has('forget-commits'))
      throw new FleetError('EPROTOCOL', `its fleet ${features.version} cannot forget commits; upgrade it`);
    return (await orders.call('forget', unwanted, { timeout: FORGET_TIMEOUT_MS })).result;
  }
}

/** Returns which processes run from a commit, also on drones that are lost; null if none does. */
function whyRunning({ repo, commit }: Unwanted, directory: Pick<DroneDirectory, 'all'>): string | null {
  const processes = directory.all().flatMap((drone) => [...drone.processes.values()]);
  const count = processes.filter(({ report }) => report.repo === repo && report.commit === commit).length;
  if (count === 0) return null;
  const what = count === 1 ? '1 process runs' : `${count} processes run`;
  return `${what} from ${repo}/${commit.slice(0, 7)}; first: fleet stop --repo=${repo} --commit=${commit.slice(0, 7)}`;
}

/** Returns which release of an app needs a commit, and what to do about it; null if none does. */
export function whyReleased({ repo, commit }: Unwanted, app: AppRecord, force: boolean): string | null {
  if (app.repo !== repo) return null;
  const releases = app.releases.filter((one) => one.commit === commit);
  const of = (release: number, why: string, first: string) =>
    `v${release} of ${appName(app)} ${why}; ${first}`;
  const live = releases.find(({ release }) => release === app.live);
  const another = `first release another commit, or: fleet down --repo=${repo}${stageOption(appName(app))}`;
  if (live) return of(live.release, 'is live with it', another);
  const next = releases.find(({ release }) => release === app.underWay);
  if (next) return of(next.release, 'is under way with it', 'wait until it has ended');
  const former = releases.findLast(({ liveAt }) => liveAt !== null);
  if (!former || force) return null;
  return of(
    former.release,
    'was live with it, and a rollback may go back to it',
    '--force forgets it all the same',
  );
}
