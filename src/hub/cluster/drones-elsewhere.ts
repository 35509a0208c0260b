import { type CheckedParamsOf, rowOf } from '../../protocol/call-table.ts';
import { check } from '../../protocol/check.ts';
import { REPORTS, type Reports } from '../../protocol/drone-calls.ts';
import { FleetError, fromWire, messageOf } from '../../protocol/errors.ts';
import { featuresOf } from '../../protocol/features.ts';
import type { HubCalls } from '../../protocol/hub-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { KnownDrone } from '../drones/known-drone.ts';
import type { RejoinWindow } from '../drones/rejoin-window.ts';
import { type ReportParts, reportHandlers } from '../drones/reports.ts';
import type { Subscribers } from '../events/subscribers.ts';
import { DroneLink } from './drone-link.ts';
import { type HeardNews, type Introduced, introductionOf, isNewer } from './introduced.ts';
import type { OtherHub } from './other-hubs.ts';
import { RemoteConnection } from './remote-connection.ts';

export interface ElsewhereParts extends ReportParts {
  directory: DroneDirectory;
  subscribers: Subscribers;
  rejoining: Pick<RejoinWindow, 'expect'>;
  log(line: string): void;
}

/** A drone as another hub tells of it; `drone` is null if it is known to be somewhere else. */
interface Told {
  identity: string;
  drone: KnownDrone | null;
  connection: RemoteConnection;
  handlers: Handlers<Reports> | null;
}

/** The drones of one other hub. */
interface HubDrones {
  link: DroneLink;
  told: Map<number, Told>;
  numbers: Map<string, number>;
}

/** The drones that are connected to other hubs: this hub knows of each what that one does. */
export class DronesElsewhere {
  private readonly hubs = new Map<OtherHub, HubDrones>();

  constructor(private readonly parts: ElsewhereParts) {}

  handlersFor(other: OtherHub) {
    return {
      'drones.tell': ({ news }: CheckedParamsOf<HubCalls, 'drones.tell'>, body: Buffer) => {
        let at = 0;
        for (const one of news) {
          const to = at + (one.report?.bytes ?? 0);
          this.hear(other, one, body.subarray(at, to));
          at = to;
        }
      },
    };
  }

  private hear(other: OtherHub, { drone: number, joined, lost, report }: HeardNews, body: Buffer): void {
    const hub = this.of(other);
    if (joined) this.join(hub, number, joined);
    const told = hub.told.get(number);
    if (lost) this.lose(hub, number, fromWire(lost as { code: 'ECLOSED'; message: string }));
    if (report && told?.handlers) this.report(hub, number, told, report, body);
  }

  private join(hub: HubDrones, number: number, joined: Introduced): void {
    const { directory, subscribers, log } = this.parts;
    const { identity } = joined;
    const via = hub.link.other.name;
    const before = hub.numbers.get(identity);
    if (before !== undefined) hub.told.delete(before);
    hub.numbers.set(identity, number);
    const connection = new RemoteConnection(hub.link, number, featuresOf(joined.version, joined.features));
    const told: Told = { identity, drone: null, connection, handlers: null };
    hub.told.set(number, told);
    const introduction = introductionOf(joined, via);
    if (!isNewer(introduction, directory.withIdentity(identity))) return;
    try {
      const drone = directory.join(connection, introduction);
      drone.machine = joined.machine;
      Object.assign(told, { drone, handlers: reportHandlers(drone, this.parts) });
      const wanted = subscribers.welcome(drone);
      if (wanted.all || wanted.ids.length + wanted.repos.length > 0) hub.link.watch(number, wanted);
      setImmediate(() => subscribers.joined(drone.name));
    } catch (error) {
      log(`the drone ${joined.name} of ${via} is refused: ${messageOf(error)}`);
      connection.end(1008, messageOf(error));
    }
  }

  private lose(hub: HubDrones, number: number, why: FleetError): void {
    const told = hub.told.get(number);
    if (!told) return;
    hub.told.delete(number);
    if (hub.numbers.get(told.identity) === number) hub.numbers.delete(told.identity);
    told.connection.lose(why);
    if (!told.drone) return;
    this.parts.directory.lose(told.drone, why);
    this.askOthers(told.identity);
  }

  /** True if the drone has not joined anywhere since. */
  private isStill({ identity, drone }: Told): boolean {
    return drone !== null && this.parts.directory.withIdentity(identity) === drone;
  }

  /** Another hub may have said that it has the drone, when this one knew better. */
  private askOthers(identity: string): void {
    if (this.parts.directory.withIdentity(identity)?.connection) return;
    for (const { link, numbers } of this.hubs.values()) {
      const number = numbers.get(identity);
      if (number !== undefined) link.again(number);
    }
  }

  private report(
    hub: HubDrones,
    number: number,
    { handlers, connection }: Told,
    { method, params }: NonNullable<HeardNews['report']>,
    body: Buffer,
  ): void {
    // A newer hub may have drones that report more.
    if (!handlers || !Object.hasOwn(REPORTS, method)) return;
    const call = method as keyof Reports;
    try {
      const take = handlers[call] as (params: unknown, body: Buffer) => void;
      take(check(rowOf(REPORTS, call).params, params, method), body);
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      connection.end(1008, error.message);
      this.lose(hub, number, error);
    }
  }

  private of(other: OtherHub): HubDrones {
    const known = this.hubs.get(other);
    if (known) return known;
    const hub: HubDrones = { link: new DroneLink(other), told: new Map(), numbers: new Map() };
    this.hubs.set(other, hub);
    void other.gone.then((why) => {
      this.hubs.delete(other);
      const gone = new FleetError('ECLOSED', `the hub ${other.name} is not reached: ${why.message}`);
      // They go to other hubs. Until they are there, a request that is made again waits for them.
      this.parts.rejoining.expect(
        [...hub.told.values()].filter((one) => this.isStill(one)).map(({ identity }) => identity),
      );
      for (const number of [...hub.told.keys()]) this.lose(hub, number, gone);
    });
    return hub;
  }
}
