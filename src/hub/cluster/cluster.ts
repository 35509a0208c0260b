import { FleetError, stackOf } from '../../protocol/errors.ts';
import { FEATURES } from '../../protocol/features.ts';
import { HUB_CALLS, type HubCalls } from '../../protocol/hub-calls.ts';
import type { HubIdentity } from '../../protocol/hub-words.ts';
import { VERSION } from '../../protocol/version.ts';
import { type Handlers, serve } from '../../rpc/calls.ts';
import { randomBytes } from '../../system/random.ts';
import type { LeaseBucket } from '../leases/lease-bucket.ts';
import { LEASE_MS } from '../leases/tenure.ts';
import { NatsBucket } from '../store/nats-bucket.ts';
import { NatsBus } from '../store/nats-bus.ts';
import { NatsLink } from '../store/nats-link.ts';
import { NatsStore } from '../store/nats-store.ts';
import type { Store } from '../store/store.ts';
import { ClusterApps, type ClusterAppsOptions } from './cluster-apps.ts';
import { type CutOff, LostHubs } from './cut-off.ts';
import { ownRange } from './id-range.ts';
import { Links } from './links.ts';
import { becomeMember, type MembershipParts } from './membership.ts';
import type { HubHandlers, OtherHub, OtherHubs } from './other-hubs.ts';
import { Presence } from './presence.ts';
import { type SharedDrones, shareDrones } from './shared-drones.ts';

/** How long another hub has to answer for its name, or with its key. */
const ANSWER_WITHIN_MS = 2_000;

export interface ClusterOptions {
  /** Addresses of the servers of the engine. */
  servers: readonly string[];
  /** The content of a file of credentials; null for none. */
  creds: Buffer | null;
  /** What the hub is called; no other one of the cluster is called so. */
  name: string;
  log(line: string): void;
}

/** Where others reach a hub. */
export type Whereabouts = Pick<HubIdentity, 'advertise' | 'git' | 'fingerprint'>;

type Joining = Pick<MembershipParts, 'dir' | 'own' | 'kinds' | 'vault' | 'secret'>;

/** The cluster, as one of its hubs has it. */
export class Cluster {
  private readonly handlers: HubHandlers[] = [];
  private readonly links: Links;
  private readonly start = randomBytes(16).toString('hex');
  private readonly unsubscribe: (() => void)[] = [];
  private readonly lost = new LostHubs();
  /** Resolves if another hub has taken the name of this one, which did not answer. */
  readonly displaced: Promise<FleetError>;

  private constructor(
    private readonly options: ClusterOptions,
    private readonly link: NatsLink,
    private readonly bus: NatsBus,
    private readonly presence: Presence,
    /** What all hubs of it remember. */
    readonly store: Store,
    /** Names of drones, apart from the rest: when many drones join at once, they wait for nothing else. */
    private readonly names: Store,
    readonly leases: LeaseBucket,
  ) {
    this.displaced = new Promise((resolve) => {
      presence.once('displaced', () => resolve(displacedError(options.name)));
    });
    presence.on('come', (hub) => this.lost.came(hub)).on('gone', (hub) => this.lost.went(hub));
    this.links = new Links({
      ...{ bus, presence, log: options.log },
      serve: (other, peer) => serve(peer, HUB_CALLS, this.handlersFor(other)),
      onFault: (method, error) => options.log(`internal error in ${method}: ${stackOf(error)}`),
    });
  }

  /**
   * Resolves once the engine is reached and the hub is one of the cluster, whose links are opened by `open`. Rejects with
   * ECLUSTER, EDUPLICATE if another hub has its name, ECONFIG as {@link becomeMember}.
   */
  static async join(options: ClusterOptions, joining: Joining): Promise<Cluster> {
    const { servers, creds, name, log } = options;
    const link = await NatsLink.open({ servers, creds, name: `fleet hub ${name}`, log });
    try {
      const bus = new NatsBus(link);
      await mustBeOnlyOne(bus, name);
      const store = await NatsStore.over(link, log);
      const names = await NatsStore.over(link, log, 'fleet_names');
      const leases = await NatsBucket.open(link, { name: 'fleet_leases', ttlMs: LEASE_MS });
      const askKey = async () => {
        const answer = await bus.request(KEY_SUBJECT, Buffer.alloc(0), ANSWER_WITHIN_MS);
        return answer?.toString() ?? null;
      };
      await becomeMember({ ...joining, name, log, shared: store, askKey });
      const cluster = new Cluster(options, link, bus, new Presence(bus), store, names, leases);
      cluster.answer(joining.vault);
      return cluster;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  get name(): string {
    return this.options.name;
  }

  get others(): OtherHubs {
    return this.links;
  }

  /** Why nothing can be had from the engine at present; null if it can. */
  get problem(): string | null {
    return this.link.problem;
  }

  /** The other hubs, and those that were there when the engine was last reached, if it is not. */
  hubs(): { others: readonly OtherHub[]; cutOff: CutOff[] } {
    return { others: this.links.all(), cutOff: this.lost.cutOff(this.link.silentMs) };
  }

  /** Serves calls of other hubs; before `open`. */
  serve(handlers: HubHandlers): void {
    this.handlers.push(handlers);
  }

  /** Returns what has one of the hubs decide about apps; it is to be served before `open`. */
  shareApps(parts: Pick<ClusterAppsOptions, 'directory' | 'events'>): ClusterApps {
    const { name, leases: bucket, others, store } = this;
    const { log } = this.options;
    return new ClusterApps({ ...parts, name, bucket, others, store, log, serve: (made) => this.serve(made) });
  }

  /** Returns which part of all process ids is this hub's. Rejects with ECLUSTER. */
  idRange(): Promise<number> {
    return ownRange(this.store, this.name, (hub) => this.presence.all().some(({ name }) => name === hub));
  }

  /** See {@link shareDrones}; before `open`. */
  shareDrones(parts: Parameters<typeof shareDrones>[1]): Promise<SharedDrones> {
    const { others, names: store } = this;
    return shareDrones({ others, store, serve: (handlers) => this.serve(handlers) }, parts);
  }

  /** From now on, others hear of this hub and are linked with it. Returns how it presents itself. */
  open(where: Whereabouts): HubIdentity {
    const { name, start } = this;
    const identity = {
      ...{ name, start, version: VERSION, features: [...FEATURES] },
      ...where,
    };
    this.links.start(identity);
    this.presence.announce(identity);
    return identity;
  }

  /** Leaves the others, at once. */
  async close(): Promise<void> {
    for (const end of this.unsubscribe) end();
    this.presence.close();
    await this.links.close();
    await Promise.all([this.store.close(), this.names.close()]);
    await this.link.close();
  }

  /** Answers for its name and, with its key, new hubs. */
  private answer(vault: Joining['vault']): void {
    this.unsubscribe.push(
      this.bus.subscribe(nameSubject(this.name), (_, answer) => answer(Buffer.from(this.start))),
      this.bus.subscribe(KEY_SUBJECT, (_, answer) => answer(Buffer.from(vault.ownKey()))),
    );
  }

  private handlersFor(other: OtherHub): Handlers<HubCalls> {
    return Object.assign({}, ...this.handlers.map((make) => make(other))) as Handlers<HubCalls>;
  }
}

function displacedError(name: string): FleetError {
  const message = `another hub was started as ${name} while this one did not answer, and has its name now; this one has ended`;
  return new FleetError('EDUPLICATE', message);
}

const KEY_SUBJECT = 'fleet.key';
/** As hex, because a name may have dots. */
const nameSubject = (name: string) => `fleet.name.${Buffer.from(name).toString('hex')}`;

async function mustBeOnlyOne(bus: NatsBus, name: string): Promise<void> {
  if ((await bus.request(nameSubject(name), Buffer.alloc(0), ANSWER_WITHIN_MS)) === null) return;
  throw new FleetError(
    'EDUPLICATE',
    `a hub called ${name} is in the cluster already; give this one another --name`,
  );
}
