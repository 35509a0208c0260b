import type { CheckedParamsOf, ParamsOf } from '../../protocol/call-table.ts';
import { REPORTS, type Reports } from '../../protocol/drone-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { HubCalls } from '../../protocol/hub-calls.ts';
import { ORDERS, type Orders } from '../../protocol/orders.ts';
import { Answered } from '../../rpc/answered.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { DroneConnection } from '../drones/drone.ts';
import type { KnownDrone } from '../drones/known-drone.ts';
import type { Subscribers } from '../events/subscribers.ts';
import { ExecRoutes } from './exec-routes.ts';
import { HubListener } from './hub-listener.ts';
import { introduced } from './introduced.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';

type Order = CheckedParamsOf<HubCalls, 'drone.order'>;
type Inform = CheckedParamsOf<HubCalls, 'drone.inform'>;
type Watch = CheckedParamsOf<HubCalls, 'drone.watch'>;

export interface RelayParts {
  directory: DroneDirectory;
  subscribers: Subscribers;
  others: OtherHubs;
}

interface Here {
  drone: KnownDrone;
  connection: DroneConnection;
}

/** The drones that are connected to this hub, as others have them: they hear of each, and order what it does. */
export class RelayedDrones {
  private readonly listeners = new Map<OtherHub, HubListener>();
  private readonly byNumber = new Map<number, Here>();
  private readonly numbers = new Map<KnownDrone, number>();
  private readonly execs = new ExecRoutes();
  private nextNumber = 1;

  constructor(private readonly parts: RelayParts) {
    const { directory, subscribers, others } = parts;
    directory.on('joined', (drone) => this.add(drone));
    subscribers.elsewhere = (name) => this.interestsIn(directory.get(name));
    others.on('come', (other) => this.begin(other));
    others.on('gone', (other) => this.end(other));
    for (const other of others.all()) this.begin(other);
  }

  handlersFor(other: OtherHub) {
    return {
      'drones.told': () => {
        this.listeners.get(other)?.flush();
        return null;
      },
      'drones.again': ({ drone }: { drone: number }) => this.tell(other, drone),
      'drone.order': (order: Order, body: Buffer) => this.order(other, order, body),
      'drone.inform': (order: Inform, body: Buffer) => this.inform(order, body),
      'drone.watch': ({ watched }: Watch) => this.watch(other, watched),
      'drone.end': ({ drone, reason }: { drone: number; reason: string }) =>
        this.byNumber.get(drone)?.connection.end(1008, reason),
    };
  }

  /** Tells others at once what was reported here, before whoever has asked for it asks another hub. */
  flush(): void {
    for (const listener of this.listeners.values()) listener.flush();
  }

  /** Tells others nothing any more. */
  close(): void {
    for (const listener of this.listeners.values()) listener.close();
    this.listeners.clear();
  }

  /** Returns what takes the reports of a drone of this hub, for itself and for the others. */
  passingOn(drone: KnownDrone, own: Handlers<Reports>): Handlers<Reports> {
    const passing = Object.keys(REPORTS).map((name) => {
      const method = name as keyof Reports;
      const take = own[method] as (params: unknown, body: Buffer) => unknown;
      const passed = (given: unknown, body: Buffer) => {
        if (this.toItsHub(drone, method, given, body)) return;
        const params = method === 'event' ? { time: Date.now(), ...(given as object) } : given;
        take(params, body);
        this.report(drone, method, params, body);
      };
      return [method, passed];
    });
    return Object.fromEntries(passing) as Handlers<Reports>;
  }

  /** Passes on what an exec of another hub does. Returns false if it is none. */
  private toItsHub(drone: KnownDrone, method: keyof Reports, params: unknown, body: Buffer): boolean {
    if (!method.startsWith('exec.')) return false;
    const { id } = params as { id: string };
    const hub = this.execs.hubOf(drone, id);
    if (!hub) return false;
    if (method === 'exec.exit') this.execs.drop(drone, id);
    this.listeners.get(hub)?.report(this.numbers.get(drone) ?? 0, method, params, body);
    return true;
  }

  private report(drone: KnownDrone, method: keyof Reports, params: unknown, body: Buffer): void {
    if (method.startsWith('exec.')) return;
    const number = this.numbers.get(drone) ?? 0;
    for (const listener of this.listeners.values()) {
      if (method === 'output') listener.output(number, params as ParamsOf<Reports, 'output'>, body);
      else listener.report(number, method, params, body);
    }
  }

  private add(drone: KnownDrone): void {
    const { connection } = drone;
    if (drone.via !== null || !connection) return;
    const number = this.nextNumber++;
    this.numbers.set(drone, number);
    this.byNumber.set(number, { drone, connection });
    for (const other of this.listeners.keys()) this.tell(other, number);
    void connection.gone.then((why) => {
      this.numbers.delete(drone);
      this.byNumber.delete(number);
      this.execs.forget(drone);
      for (const listener of this.listeners.values()) listener.lost(number, why);
    });
  }

  private begin(other: OtherHub): void {
    this.listeners.set(other, new HubListener(other));
    for (const number of this.byNumber.keys()) this.tell(other, number);
  }

  private end(other: OtherHub): void {
    this.listeners.get(other)?.close();
    this.listeners.delete(other);
    for (const { drone, id } of this.execs.take(other))
      drone.connection?.orders.notify('exec.kill', { id, signal: null });
    void this.parts.subscribers.updateDronesSoon();
  }

  private tell(other: OtherHub, number: number): void {
    const here = this.byNumber.get(number);
    const told = here && introduced(here.drone);
    if (told) this.listeners.get(other)?.joined(number, told);
  }

  private async order(
    other: OtherHub,
    { drone: number, method, params, timeout }: Order,
    body: Buffer,
  ): Promise<Answered<{ result: unknown }>> {
    const { drone, connection } = this.mustBeHere(number);
    const { id } = params as { id: string };
    if (method === 'exec.start') this.execs.open(drone, id, other);
    try {
      const answer = await connection.orders.call(orderOf(method), params as never, { timeout, body });
      return new Answered({ result: answer.result }, answer.body);
    } catch (error) {
      if (method === 'exec.start') this.execs.drop(drone, id);
      throw error;
    } finally {
      // What the drone has reported before its answer is told before that.
      this.flush();
    }
  }

  private inform({ drone: number, method, params }: Inform, body: Buffer): void {
    const here = this.byNumber.get(number);
    here?.connection.orders.notify(orderOf(method), params as never, body);
  }

  private watch(other: OtherHub, watched: Watch['watched']): void {
    for (const { drones, interest } of watched)
      for (const drone of drones)
        if (this.byNumber.has(drone)) this.listeners.get(other)?.want(drone, interest);
    // Before the next order: who reads a log then misses nothing of what comes after it.
    this.parts.subscribers.updateDrones();
  }

  private interestsIn(drone: KnownDrone | undefined) {
    const number = drone && this.numbers.get(drone);
    if (number === undefined) return [];
    return [...this.listeners.values()].flatMap((listener) => listener.interestIn(number));
  }

  private mustBeHere(number: number): Here {
    const here = this.byNumber.get(number);
    if (here) return here;
    throw new FleetError('ECLOSED', 'the drone is not connected to that hub any more');
  }
}

/** Throws EPROTOCOL for an order that this hub does not know. */
function orderOf(method: string): keyof Orders {
  if (Object.hasOwn(ORDERS, method)) return method as keyof Orders;
  throw new FleetError('EPROTOCOL', `the hub of the drone does not know the order ${method}; upgrade it`);
}
