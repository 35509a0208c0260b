import { setTimeout as sleep } from 'node:timers/promises';
import { parallelOf } from '../../app-file/parallel.ts';
import type { Service } from '../../app-file/types.ts';
import { FleetError, toWire, type WireError } from '../../protocol/errors.ts';
import type { InstanceReport } from '../../protocol/instance.ts';
import { DEFAULT_GRACE_MS } from '../../protocol/limits.ts';
import { releaseOf } from './app-record.ts';
import type { AppService } from './apps.ts';
import type { Conductor } from './conductor.ts';
import type { Stopped } from './departures.ts';
import { withinOf } from './failure.ts';
import { wantedSlots } from './targets.ts';

/** How often an instance that was restarted is looked at until it is ready. */
const LOOK_EVERY_MS = 100;

/** An instance that somebody wants restarted. */
interface Asked {
  drone: string;
  id: string;
  conductor: Conductor;
  instance: InstanceReport;
}

type Results = Record<string, Stopped>;

/** Restarts instances of apps in place: each leaves the traffic first, and `parallel` of a service are away at most. */
export class InPlaceRestarts {
  constructor(private readonly service: AppService) {}

  /** Takes the instances of apps that this hub knows out of `byDrone`, ids by drone, and returns them. */
  take(byDrone: Map<string, string[]>): Asked[] {
    const { apps, parts } = this.service;
    const taken: Asked[] = [];
    for (const [drone, ids] of byDrone) {
      const rest = ids.filter((id) => {
        const { instance } = parts.directory.get(drone)?.processes.get(id)?.report ?? {};
        const conductor = instance && apps.byName(instance.app);
        if (!conductor) return true;
        taken.push({ drone, id, conductor, instance });
        return false;
      });
      if (rest.length > 0) byDrone.set(drone, rest);
      else byDrone.delete(drone);
    }
    return taken;
  }

  /** Has instances restarted by the hub that leads. Returns what became of them, by drone. Throws ECLUSTER if no hub does. */
  async restart(asked: readonly Asked[], graceMs: number): Promise<Results> {
    if (asked.length === 0) return {};
    const instances = asked.map(({ drone, id }) => ({ drone, id }));
    const { drones } = await this.service.leader.ask(
      'instances.restart',
      { instances, grace: graceMs },
      async () => ({ drones: await this.restartHere(asked, graceMs) }),
    );
    return drones;
  }

  /** Restarts instances, the next of a service when the one before is ready. Returns what became of them, by drone. */
  async restartHere(asked: readonly Asked[], graceMs: number): Promise<Results> {
    const results: Results = {};
    const groups = new Map<string, Asked[]>();
    for (const one of asked) {
      const key = `${one.instance.app} ${one.instance.service}`;
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    await Promise.all([...groups.values()].map((group) => this.inTurn(group, graceMs, results)));
    return results;
  }

  private async inTurn(group: readonly Asked[], graceMs: number, results: Results): Promise<void> {
    const waiting = [...group];
    let problem: string | null = null;
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const isOthers = problem !== null;
        const error = isOthers ? notRestarted(problem) : await this.restartOne(next, graceMs, results);
        if (error) addEnded(results, next.drone, { stopped: [], killed: [], errors: { [next.id]: error } });
        else if (waiting.length > 0) problem ??= await this.whyNotReady(next);
      }
    };
    const [first] = group;
    const service = first && this.serviceOf(first);
    const parallel =
      first && service ? parallelOf(service, wantedSlots(first.conductor.app, service).length) : 1;
    await Promise.all(Array.from({ length: Math.min(parallel, group.length) }, work));
  }

  private async restartOne(
    { drone, id, conductor, ...asked }: Asked,
    graceMs: number,
    results: Results,
  ): Promise<WireError | null> {
    const service = this.serviceOf({ conductor, ...asked });
    // What nobody has set is what its service says.
    const grace = graceMs === DEFAULT_GRACE_MS ? service?.stop.graceMs : graceMs;
    try {
      this.service.parts.directory.connection(drone);
      const present = conductor.world.instances.find((one) => one.id === id);
      const restarted = present && conductor.errands.departures.restart(present, service, grace);
      if (!restarted) throw new FleetError('EBUSY', 'it is being restarted already; see: fleet status');
      addEnded(results, drone, await restarted);
      return null;
    } catch (error) {
      return toWire(error);
    }
  }

  /** Returns why an instance is not ready in time after its restart; null if it is. */
  private async whyNotReady({ id, conductor, ...asked }: Asked): Promise<string | null> {
    const service = this.serviceOf({ conductor, ...asked });
    const until = performance.now() + (service ? withinOf(service) : 0);
    for (;;) {
      const now = conductor.world.instances.find((one) => one.id === id);
      if (now?.isGood) return null;
      if (!now || now.state === 'given-up' || performance.now() >= until) {
        const { service: name, slot } = asked.instance;
        return `${name}.${slot} is not ready: ${now?.why ?? now?.exit ?? now?.state ?? 'it is gone'}`;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Returns what the instance's release says about its service; null if this hub does not know it. */
  private serviceOf({ conductor, instance }: Pick<Asked, 'conductor' | 'instance'>): Service | null {
    const { fileOf } = this.service.parts;
    const release = releaseOf(conductor.app, instance.release);
    if (!release) return null;
    return fileOf(release).services.find(({ name }) => name === instance.service) ?? null;
  }
}

function notRestarted(problem: string | null): WireError {
  return toWire(new FleetError('EBUSY', `not restarted: ${problem}; see: fleet status`));
}

/** Adds what became of processes of a drone. */
export function addEnded(results: Results, drone: string, { stopped, killed, errors }: Stopped): void {
  const before = results[drone] ?? { stopped: [], killed: [], errors: {} };
  results[drone] = {
    stopped: [...before.stopped, ...stopped],
    killed: [...before.killed, ...killed],
    errors: { ...before.errors, ...errors },
  };
}
