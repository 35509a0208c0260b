import type { ClientAnswers, OrderAnswers, StopResult } from '../protocol/answers.ts';
import type { ClientParams } from '../protocol/client-calls.ts';
import { FleetError, toWire, type WireError } from '../protocol/errors.ts';
import { execWindow, ORDER_PATIENCE } from '../protocol/limits.ts';
import { newId } from '../protocol/names.ts';
import type { Peer } from '../rpc/peer.ts';
import { type Principal, sees } from './access/principal.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { Execs } from './execs.ts';
import { connectedPeer } from './logs.ts';

/** Requests whose answer is remembered, so that one that is sent again does not run twice. */
const REMEMBER_KEYS = 10_000;
/** Milliseconds beyond the grace that a drone may take to stop what it was asked to. */
const STOP_PATIENCE = 20_000;

type Started = ClientAnswers['spawn'];

/** Starts and ends processes on drones. */
export class Processes {
  private readonly answers = new Map<string, Promise<Started>>();
  private readonly promised = new Set<string>();

  constructor(
    private readonly directory: DroneDirectory,
    private readonly execs: Execs,
    /** Resolves when this hub knows its drones. */
    private readonly ready: Promise<void> = Promise.resolve(),
  ) {}

  /** The same request (by its key) gets the same answer, also while the first is under way. */
  spawn(params: ClientParams['spawn']): Promise<Started> {
    const before = this.answers.get(params.key);
    if (before) return before;
    const answer = this.spawnOnce(params);
    this.answers.set(params.key, answer);
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= REMEMBER_KEYS) break;
      this.answers.delete(oldest);
    }
    return answer;
  }

  private async spawnOnce({ drones, ...spec }: ClientParams['spawn']): Promise<Started> {
    await this.ready;
    return this.start(
      this.pick(drones, spec.key),
      async (peer, id) => {
        const { result } = await peer.call('spawn', { ...spec, id }, ORDER_PATIENCE);
        return (result as OrderAnswers['spawn']).id;
      },
      spec.key,
    );
  }

  /** Runs once, tied to `client`. */
  async exec(client: Peer, params: ClientParams['exec.start']): Promise<Started> {
    const { drones, ...spec } = params;
    await this.ready;
    const names = this.pick(drones, params.key);
    const stdin = params.stdin && names.length === 1;
    const window = execWindow(names.length);
    return this.start(names, async (peer, id, name) => {
      const record = this.directory.get(name);
      if (record) this.execs.open(client, record, id);
      try {
        await peer.call('exec.start', { ...spec, stdin, id, window }, ORDER_PATIENCE);
      } catch (error) {
        this.execs.drop(id);
        throw error;
      }
      return id;
    });
  }

  /** Stops, or restarts, processes wherever they are. What no drone has comes back as `unknown`. */
  async end(
    how: 'stop' | 'restart',
    who: Principal,
    params: ClientParams['stop'],
  ): Promise<ClientAnswers['stop']> {
    await this.ready;
    const { byDrone, unknown } = this.locate(who, params.processes);
    const drones: Record<string, StopResult> = {};
    await Promise.all(
      [...byDrone].map(async ([name, ids]) => {
        try {
          const peer = connectedPeer(this.directory, name);
          const { result } = await peer.call(how, { ids, grace: params.grace }, params.grace + STOP_PATIENCE);
          drones[name] = result as StopResult;
        } catch (error) {
          const wire = toWire(error);
          drones[name] = { stopped: [], killed: [], errors: Object.fromEntries(ids.map((id) => [id, wire])) };
        }
      }),
    );
    return { drones, unknown };
  }

  private locate(who: Principal, processes: ClientParams['stop']['processes']) {
    const byDrone = new Map<string, string[]>();
    const unknown: string[] = [];
    for (const { drone, id } of processes) {
      // What `who` may not see is not there for them.
      const owners = this.directory
        .owners(id)
        .filter(({ name }) => drone === null || name === drone)
        .filter(({ processes: known }) => sees(who, known.get(id)?.report.repo ?? ''));
      if (owners.length === 0) unknown.push(drone === null ? id : `${drone}#${id}`);
      for (const { name } of owners) {
        const ids = byDrone.get(name) ?? [];
        if (!ids.includes(id)) byDrone.set(name, [...ids, id]);
      }
    }
    return { byDrone, unknown };
  }

  /** The named drones or, where none is named, one of those connected at random. */
  private pick(names: string[] | null, key: string): string[] {
    if (names && names.length > 0) return [...new Set(names)];
    const connected = this.directory.connected();
    if (connected.length === 0) {
      throw new FleetError(
        'ENODRONE',
        'no drones are connected; start one with: fleet drone --hub=HOST:PORT',
      );
    }
    // A request that comes again after a restart of the hub goes where it went before.
    const already = this.directory.withKey(key);
    const from = already.length > 0 ? already : connected;
    return [from[Math.floor(Math.random() * from.length)]?.name ?? ''];
  }

  private async start(
    names: string[],
    order: (peer: Peer, id: string, name: string) => Promise<string>,
    key?: string,
  ): Promise<Started> {
    const drones: Record<string, { id: string; error: WireError | null }> = {};
    await Promise.all(
      names.map(async (name) => {
        const id = this.idBefore(name, key) ?? this.promise();
        try {
          drones[name] = { id: await order(connectedPeer(this.directory, name), id, name), error: null };
        } catch (error) {
          drones[name] = { id, error: toWire(error) };
        } finally {
          this.promised.delete(id);
        }
      }),
    );
    return { drones };
  }

  /** The id of the process that this very request has started on a drone before. */
  private idBefore(name: string, key: string | undefined): string | undefined {
    if (key === undefined) return undefined;
    const known = this.directory.get(name)?.processes.values() ?? [];
    return [...known].find(({ report }) => report.key === key)?.report.id;
  }

  private promise(): string {
    const id = newId(
      (taken) => this.promised.has(taken) || this.directory.hasId(taken) || this.execs.has(taken),
    );
    this.promised.add(id);
    return id;
  }
}
