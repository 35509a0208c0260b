import { type ClientCallRow, rowOf } from '../../protocol/call-table.ts';
import { type CheckedClientParams, CLIENT_CALLS, type ClientCalls } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { HUB_APP_CALLS } from '../../protocol/hub-app-calls.ts';
import type { CheckedHubParams } from '../../protocol/hub-calls.ts';
import { dispatcher, type Handlers } from '../../rpc/calls.ts';
import { EMPTY } from '../../rpc/frames.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { type Asked, demandLimits } from '../access/limits.ts';
import { demandCall, type Principal } from '../access/principal.ts';
import type { AppService } from '../apps/apps.ts';
import { buildHere } from '../apps/build-deployed.ts';
import type { LedCall } from '../apps/leader.ts';
import { InPlaceRestarts } from '../apps/restart-in-place.ts';
import type { ClientSession } from '../client-session.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { OtherHub } from './other-hubs.ts';

const REMEMBERED_CALLS = 10_000;

export interface MakingParts {
  directory: Pick<DroneDirectory, 'get'>;
  appService: Pick<AppService, 'apps' | 'parts' | 'leader'>;
  /** The handlers of all calls of a client's. */
  handlersOf(client: ClientSession): Handlers<ClientCalls>;
}

type Served = Pick<Handlers<typeof HUB_APP_CALLS>, LedCall | 'client.call' | 'client.gone'>;
type Passed = CheckedHubParams['client.call'];

/** Makes what other hubs pass on to this one, if it leads. */
export class MadeHere {
  /** One that comes again, over another link, gets the same answer. By `askedBy`. */
  private readonly answers = new BoundedMap<string, Promise<unknown>>(REMEMBERED_CALLS);

  constructor(private readonly parts: MakingParts) {}

  handlers(other: OtherHub): Served {
    const { appService } = this.parts;
    const restarts = new InPlaceRestarts(appService);
    /** By the keys of calls: what ends them. */
    const calls = new Map<string, () => void>();
    void other.gone.then(() => {
      for (const end of calls.values()) end();
    });
    const leading =
      <P, R>(act: (params: P) => Promise<R>) =>
      async (params: P): Promise<R | null> =>
        appService.leader.isHere ? act(params) : null;
    return {
      'client.call': leading(async (passed) => {
        const answer = this.answers.get(askedBy(passed)) ?? this.call(other, passed, calls);
        return { answer: await answer };
      }),
      'client.gone': ({ key }) => calls.get(key)?.(),
      'commit.build': leading((params) => buildHere(appService, params)),
      'instances.restart': leading(async ({ instances, grace }) => {
        const byDrone = new Map<string, string[]>();
        for (const { drone, id } of instances) byDrone.set(drone, [...(byDrone.get(drone) ?? []), id]);
        return { drones: await restarts.restartHere(restarts.take(byDrone), grace) };
      }),
      'drone.replace': leading(async ({ name }) => ({ moved: await appService.apps.forgetDrone(name) })),
    };
  }

  private call({ features }: OtherHub, passed: Passed, calls: Map<string, () => void>): Promise<unknown> {
    const { key, who, method, params } = passed;
    const asked = askedBy(passed);
    const { principal, gone, end } = callerOf(who);
    calls.set(key, end);
    const client = { who: principal, gone, features, tell: () => {}, unreadBytes: 0 };
    const answer = serve(client, this.parts)({ method, params, body: EMPTY });
    this.answers.set(asked, answer);
    // What has failed may be made again: what was carried out all the same is known by its key.
    answer.catch(() => this.answers.delete(asked)).finally(() => calls.delete(key));
    return answer;
  }
}

/** Returns what a call has in common with one that comes again: clients choose keys, and nobody gets an answer to somebody else. */
function askedBy({ key, who: { name, accessor }, method, params }: Passed): string {
  const { repo = null, stage = null } = (params ?? {}) as { repo?: unknown; stage?: unknown };
  return JSON.stringify([key, name, accessor ?? null, method, repo, stage]);
}

/** Whoever calls, as another hub has let them in; they are valid until they are gone there. */
function callerOf(who: Passed['who']) {
  let isThere = true;
  let end = () => {};
  const gone = new Promise<void>((resolve) => {
    end = () => {
      isThere = false;
      resolve();
    };
  });
  const { accessor, limits, ...more } = who;
  const principal: Principal = {
    ...{ ...more, rights: new Set(who.rights), expires: null, isValid: () => isThere },
    ...(accessor === undefined ? {} : { accessor }),
    ...(limits === undefined ? {} : { limits }),
  };
  return { principal, gone, end };
}

/** Checks again what the other hub has checked, but for the audit trail, which it keeps. */
function serve(client: ClientSession, { handlersOf, directory }: MakingParts) {
  const { who } = client;
  return dispatcher(CLIENT_CALLS, handlersOf(client), {
    allow: (call) => {
      const row: ClientCallRow = rowOf(CLIENT_CALLS, call);
      if (!row.led) throw new FleetError('EPROTOCOL', `${call} is not passed on`);
      demandCall(who, row);
    },
    around: (call, params, act) => {
      const checked = params as CheckedClientParams[typeof call];
      demandLimits(who, call, checked as Asked, (name) => directory.get(name));
      return act();
    },
  });
}
