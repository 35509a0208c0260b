import type { CheckedClientParams, ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, toWire } from '../protocol/errors.ts';
import { execWindow, ORDER_TIMEOUT_MS } from '../protocol/limits.ts';
import { BoundedMap } from '../system/bounded-map.ts';
import type { Principal } from './access/principal.ts';
import { addEnded, type InPlaceRestarts } from './apps/restart-in-place.ts';
import { chosenDrone } from './chosen-drone.ts';
import type { ClientSession } from './client-session.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { DroneConnection } from './drones/drone.ts';
import {
  demandChanges,
  demandPlaces,
  demandTerminals,
  type ExecRequest,
  type SpawnRequest,
} from './exec-request.ts';
import type { Ended, Execs } from './execs.ts';
import { spareInstances } from './owned.ts';
import { ProcessIds } from './process-ids.ts';
import { orderRepeatably } from './repeatable-order.ts';
import { EVERYTHING, type Selection, selectKnown } from './selection.ts';
import { stoppedBefore } from './stopped-before.ts';

/** Of so many drones answers are remembered, so that a repeated request does not run twice. */
const REMEMBERED_DRONES = 10_000;
/** How long a drone may take, beyond the grace period, to stop what it was asked to. */
const STOP_TIMEOUT_MS = 20_000;

type Started = ClientAnswers['spawn'];
/** What to end; a restart may add variables. */
type EndRequest = CheckedClientParams['stop'] & Partial<Pick<CheckedClientParams['restart'], 'env'>>;

/** Starts and ends processes on drones. */
export class Processes {
  private readonly answers = new BoundedMap<string, Promise<Started>>(REMEMBERED_DRONES);

  constructor(
    private readonly directory: DroneDirectory,
    private readonly execs: Execs,
    /** Its promise of the moment resolves when the hub knows its drones. Who names drones that are there does not wait. */
    private readonly rejoining: { readonly over: Promise<void> } = { over: Promise.resolve() },
    private readonly ids: ProcessIds = new ProcessIds(directory, execs),
    private readonly instances?: Pick<InPlaceRestarts, 'take' | 'restart'>,
    /** Resolves when this hub knows what others were told before. */
    private readonly heard: () => Promise<unknown> = async () => {},
  ) {}

  /** A repeated request (with the same key) gets the same answer, even while the first one is in progress. */
  spawn(params: SpawnRequest): Promise<Started> {
    const before = this.answers.get(params.key);
    if (before) return before;
    const answer = this.spawnOnce(params);
    this.answers.set(params.key, answer, 1 + (params.drones?.length ?? 0));
    return answer;
  }

  private async spawnOnce({ drones, ...spec }: SpawnRequest): Promise<Started> {
    if (!this.directory.hasAll(drones)) await this.rejoining.over;
    return this.start(
      this.pick(drones, spec.key),
      async (connection, id) => {
        demandPlaces(connection, spec);
        const order = { ...spec, id };
        return (await connection.orders.call('spawn', order, { timeout: ORDER_TIMEOUT_MS })).result;
      },
      spec.key,
    );
  }

  /** Runs a command once, tied to `client`. `ended` is called when one of its processes has ended. */
  async exec(client: ClientSession, params: ExecRequest, ended?: Ended): Promise<Started> {
    const { drones, ...spec } = params;
    if (!this.directory.hasAll(drones)) await this.rejoining.over;
    const names = this.pick(drones, params.key);
    if (params.terminal && names.length > 1)
      throw new FleetError('EUSAGE', `a terminal is for a single drone; these are: ${names.join(', ')}`);
    // An older client sends input to a single process only: others would wait for it.
    const stdin = params.stdin && (names.length === 1 || client.features.has('input-for-all'));
    const window = execWindow(names.length);
    return this.start(names, async (connection, id, name) => {
      const drone = this.directory.get(name);
      if (drone) this.execs.open({ client, key: spec.key, drone, connection, id, ended });
      try {
        const order = { ...spec, stdin, id, window };
        demandTerminals(connection, order);
        await connection.orders.call('exec.start', order, { timeout: ORDER_TIMEOUT_MS });
      } catch (error) {
        this.execs.drop(id);
        throw error;
      }
      return { id };
    });
  }

  /** Stops or restarts the selected processes on all drones. */
  async end(
    how: 'stop' | 'restart',
    who: Principal,
    { select, processes, grace, again, force, env = {} }: EndRequest,
  ): Promise<ClientAnswers['stop']> {
    await this.rejoining.over;
    const selection = select ?? { ...EVERYTHING, ids: processes };
    const { all, byDrone: selected, unknown } = await selectKnown(this.directory, selection, who, this.heard);
    const isChange = Object.keys(env).length > 0;
    const { byDrone, leftAlone, refused } =
      force && !isChange
        ? { byDrone: selected, leftAlone: {}, refused: new Map() }
        : spareInstances(isChange ? 'change' : how, all, selected, selection);
    const drones: ClientAnswers['stop']['drones'] = {};
    const ofApps = how === 'restart' ? this.instances?.take(byDrone) : undefined;
    const inPlace = ofApps && this.instances?.restart(ofApps, grace);
    await Promise.all(
      [...byDrone].map(async ([name, ids]) => {
        try {
          const give = async (connection: DroneConnection) => {
            if (isChange) demandChanges(connection);
            const order = { ids, grace, ...(isChange && { env }) };
            return connection.orders.call(how, order, { timeout: grace + STOP_TIMEOUT_MS });
          };
          const { result } = await (how === 'stop'
            ? orderRepeatably(this.directory, name, give)
            : give(this.directory.connection(name)));
          drones[name] = result;
        } catch (error) {
          const wire = toWire(error);
          drones[name] = { stopped: [], killed: [], errors: Object.fromEntries(ids.map((id) => [id, wire])) };
        }
      }),
    );
    for (const [name, errors] of refused) addEnded(drones, name, { stopped: [], killed: [], errors });
    for (const [name, ended] of Object.entries((await inPlace) ?? {})) addEnded(drones, name, ended);
    const mayBeDone = again && how === 'stop' && who.repo === null && !who.limits;
    const left = mayBeDone ? await stoppedBefore(this.directory, unknown, drones) : unknown;
    return {
      drones,
      unknown: left,
      absent: who.limits?.drones ? {} : this.awaited(selection, left),
      leftAlone,
    };
  }

  /** Drones that may have more of the selected processes: they have not come back since this hub started. */
  private awaited({ ids, drones }: Selection, unknown: string[]): Record<string, number> {
    if (ids && unknown.length === 0) return {};
    const lost = this.directory.lost(drones);
    return Object.fromEntries(Object.entries(lost).filter(([name]) => this.directory.get(name)?.awaited));
  }

  /** Returns the named drones or, if none are named, any connected one. Throws ENODRONE if there is none. */
  private pick(names: string[] | null, key: string): string[] {
    if (names && names.length > 0) return [...new Set(names)];
    const connected = this.directory.connected();
    if (connected.length === 0) {
      throw new FleetError(
        'ENODRONE',
        'no drones are connected; start one with: fleet drone --hub=HOST:PORT',
      );
    }
    // A request repeated after a restart of the hub, or at another one, goes to the same drone as before, or nowhere.
    const [already] = this.directory.withKey(key);
    return [(already ?? chosenDrone(connected, key))?.name ?? ''];
  }

  private async start(
    names: string[],
    order: (connection: DroneConnection, id: string, name: string) => Promise<{ id: string; port?: number }>,
    key?: string,
  ): Promise<Started> {
    const drones: Started['drones'] = {};
    await Promise.all(
      names.map(async (name) => {
        const id = this.idBefore(name, key) ?? this.ids.reserve();
        try {
          const give = (connection: DroneConnection) => order(connection, id, name);
          const started = await (key === undefined
            ? give(this.directory.connection(name))
            : orderRepeatably(this.directory, name, give));
          drones[name] = { ...started, error: null };
        } catch (error) {
          drones[name] = { id, error: toWire(error) };
        } finally {
          this.ids.release(id);
        }
      }),
    );
    return { drones };
  }

  /** Returns the id of the process that an earlier try of this request started on a drone. */
  private idBefore(name: string, key: string | undefined): string | undefined {
    if (key === undefined) return undefined;
    const known = this.directory.get(name)?.processes.values() ?? [];
    return [...known].find(({ report }) => report.key === key)?.report.id;
  }
}
