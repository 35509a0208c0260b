import { appName } from '../protocol/app-names.ts';
import type { ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, toWire } from '../protocol/errors.ts';
import type { CheckedOrderParams, OrderAnswers } from '../protocol/orders.ts';
import { type AppRecord, type ReleaseRecord, releaseOf } from './apps/app-record.ts';
import { keptCommits } from './apps/kept-commits.ts';
import type { DeployedCommits } from './deployed-commits.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { EventLog } from './events/event-log.ts';

/** A drone may have a lot to remove. */
const PRUNE_TIMEOUT_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** A hub may be restarted more often than once a day. Before that, drones catch up with what they have missed. */
const FIRST_AFTER_MS = 3_600_000;
/** The drone went away, or is of an older fleet: the next day it may be asked again. */
const NORMAL = new Set(['ECLOSED', 'ENODRONE', 'ETIMEOUT', 'EPROTOCOL']);
/** Of an app that was never live. */
const DEFAULT_KEEP = 5;

export interface PruningParts {
  directory: DroneDirectory;
  deployed: Pick<DeployedCommits, 'wantedSince'>;
  events: EventLog;
  apps(): readonly AppRecord[];
  /** True if this hub does what is done without being asked: of several, one does. */
  leads(): boolean;
  /** Returns how many of an app's releases stay; see fleet.toml(5). */
  keepOf(live: ReleaseRecord): number;
  /** Tidies the hub's repositories; resolves to the freed bytes. */
  tidyRepositories(): Promise<number>;
  log(line: string): void;
}

/** Has drones remove what they do not need any more: when asked to, an hour after its start, once a day, and when a release becomes live. */
export class Pruning {
  private readonly timers: NodeJS.Timeout[];

  constructor(private readonly parts: PruningParts) {
    const tidy = () => void this.byItself();
    this.timers = [setTimeout(tidy, FIRST_AFTER_MS).unref(), setInterval(tidy, DAY_MS).unref()];
    parts.events.on('event', (event) => {
      if (event.type === 'release' && event.state === 'live') void this.byItself();
    });
  }

  /** Says what would be removed. */
  async plan(): Promise<ClientAnswers['prune']> {
    return { ...(await this.order({ ...this.keep(), dryRun: true })), repositories: 0 };
  }

  async prune(): Promise<ClientAnswers['prune']> {
    const [drones, repositories] = await Promise.all([
      this.order({ ...this.keep(), dryRun: false }),
      this.parts.tidyRepositories(),
    ]);
    return { ...drones, repositories };
  }

  /** Has the drones remove the checkouts of an app that is to be forgotten. */
  async removeApp(app: AppRecord): Promise<Pick<ClientAnswers['prune'], 'drones' | 'absent'>> {
    const { apps: kept } = this.keep();
    const retired = [...new Set(app.releases.map(({ commit }) => commit))];
    const apps = { ...kept, [appName(app)]: { keep: [], retired } };
    return this.order({ apps, dryRun: false });
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private async byItself(): Promise<void> {
    if (!this.parts.leads()) return;
    const { drones } = await this.order({ ...this.keep(), dryRun: false });
    for (const [name, result] of Object.entries(drones)) {
      if ('code' in result) {
        if (!NORMAL.has(result.code)) this.parts.log(`${name} cannot be tidied: ${result.message}`);
      } else if (result.checkouts.length > 0)
        this.parts.log(`${name} has removed old checkouts: ${result.checkouts.length}`);
    }
  }

  private async order(
    order: Omit<CheckedOrderParams['prune'], 'deployed'>,
  ): Promise<Omit<ClientAnswers['prune'], 'repositories'>> {
    const { directory } = this.parts;
    const drones: ClientAnswers['prune']['drones'] = {};
    await Promise.all(
      directory.connected().map(async ({ name }) => {
        drones[name] = await this.ask(name, { ...order, deployed: this.deployedOn(name) }).catch(toWire);
      }),
    );
    return { drones, absent: directory.lost() };
  }

  private async ask(name: string, order: CheckedOrderParams['prune']): Promise<OrderAnswers['prune']> {
    const { orders, features } = this.parts.directory.connection(name);
    if (!features.has('prune'))
      throw new FleetError(
        'EPROTOCOL',
        `its fleet ${features.version} cannot remove old checkouts; upgrade it`,
      );
    return (await orders.call('prune', order, { timeout: PRUNE_TIMEOUT_MS })).result;
  }

  /** Returns what stays because of apps. */
  private keep(): Pick<CheckedOrderParams['prune'], 'apps'> {
    const { apps, keepOf } = this.parts;
    // What runs may be newer than what this hub knows.
    const decided = apps().filter(({ undecided }) => undecided === null);
    const kept = decided.map((app) => {
      const live = releaseOf(app, app.live);
      return [appName(app), keptCommits(app, live ? keepOf(live) : DEFAULT_KEEP, Date.now())] as const;
    });
    return { apps: Object.fromEntries(kept) };
  }

  /** Returns the newest commit of each repository that a drone should have. */
  private deployedOn(drone: string): CheckedOrderParams['prune']['deployed'] {
    const wanted = this.parts.deployed.wantedSince(Number.POSITIVE_INFINITY, drone);
    return wanted.map(({ repo, commit }) => ({ repo, commit }));
  }
}
