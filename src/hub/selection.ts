import { parseAppName } from '../protocol/app-names.ts';
import type { CheckedClientParams, ClientAnswers } from '../protocol/client-calls.ts';
import type { Lag } from '../protocol/fetch.ts';
import type { DroneStatus, ProcessStatus } from '../protocol/process.ts';
import { seesDrone, seesProcess } from './access/limits.ts';
import { type Principal, sees } from './access/principal.ts';
import { type Drone, statusNow } from './drones/drone.ts';
import type { Traffic } from './traffic/traffic.ts';

/** Which processes, or logs, a client means: everything given must match. */
export type Selection = NonNullable<CheckedClientParams['stop']['select']>;

/** The selection that matches everything. */
export const EVERYTHING: Selection = {
  ...{ ids: null, repo: null, commit: null, labels: {}, drones: null },
  ...{ service: null, stage: null },
};

/** What the JSON of a drone takes, about, that of a lag without its reason, and that of a process without its command. */
const DRONE_CHARACTERS = 100;
const LAG_CHARACTERS = 300;
const PROCESS_CHARACTERS = 400;

/** What a selection is matched against. */
export interface Selectable {
  id: string;
  repo: string;
  commit: string;
  labels?: Record<string, string> | undefined;
  instance?: { app: string; service: string | null } | undefined;
}

/** The processes that a selection matches, and those of its ids that match nothing. */
export interface Selected {
  byDrone: Map<string, string[]>;
  /** As `ID` or `DRONE#ID`. */
  unknown: string[];
}

/** Returns a test for the selected processes (or logs) of a drone. */
export function matcherOf(select: Selection): (drone: string, one: Selectable) => boolean {
  const drones = select.drones && new Set(select.drones);
  const ids = select.ids && new Set(select.ids.map(({ drone, id }) => nameOf(drone, id)));
  const labels = Object.entries(select.labels);
  return (drone, { id, repo, commit, labels: has = {}, instance }) =>
    (!drones || drones.has(drone)) &&
    (!ids || ids.has(id) || ids.has(`${drone}#${id}`)) &&
    (select.repo === null || repo === select.repo) &&
    (select.commit === null || commit.startsWith(select.commit)) &&
    (select.service === null || instance?.service === select.service) &&
    (select.stage === null || (instance !== undefined && stageOf(instance.app) === select.stage)) &&
    labels.every(([key, value]) => Object.hasOwn(has, key) && has[key] === value);
}

/** The selected processes of these drones. Processes outside the caller's repository are treated as unknown. */
export function selectProcesses(drones: readonly Drone[], select: Selection, who: Principal): Selected {
  const matches = matcherOf(select);
  const byDrone = new Map<string, string[]>();
  const found = new Set<string>();
  for (const drone of drones) {
    const { name, processes } = drone;
    const reports = [...processes.values()].map(({ report }) => report);
    const ids = reports
      .filter((one) => seesProcess(who, drone, one) && matches(name, one))
      .map(({ id }) => id);
    if (ids.length > 0) byDrone.set(name, inAskedOrder(ids, select));
    for (const id of ids) found.add(id).add(`${name}#${id}`);
  }
  const asked = (select.ids ?? []).map(({ drone, id }) => nameOf(drone, id));
  return { byDrone, unknown: [...new Set(asked)].filter((one) => !found.has(one)) };
}

/**
 * The same of all drones, which it returns too. What is unknown may have been started through another hub just now: then it is
 * looked for once more when `heard` resolves.
 */
export async function selectKnown<D extends Drone>(
  directory: { all(): readonly D[] },
  select: Selection,
  who: Principal,
  heard: () => Promise<unknown>,
): Promise<Selected & { all: readonly D[] }> {
  const now = () => {
    const all = directory.all();
    return { all, ...selectProcesses(all, select, who) };
  };
  const selected = now();
  if (selected.unknown.length === 0) return selected;
  await heard();
  return now();
}

/**
 * Returns a page of what `ps` shows, every selected drone with its selected processes: the drones behind the one called
 * `after`, about `max` characters of JSON, but one drone at least. `next` is the name of the last one if there are more,
 * else null. `drones` are ordered by name.
 */
export function pageOf(
  drones: readonly Drone[],
  select: Selection,
  who: Principal,
  { after = null, max = Number.POSITIVE_INFINITY }: { after?: string | null; max?: number } = {},
): { drones: Record<string, DroneStatus>; next: string | null } {
  const matches = matcherOf(select);
  const now = performance.now();
  const status: Record<string, DroneStatus> = {};
  let [characters, last]: [number, string | null] = [0, null];
  for (const drone of drones) {
    if (after !== null && drone.name <= after) continue;
    if (select.drones && !select.drones.includes(drone.name)) continue;
    if (!seesDrone(who, drone)) continue;
    const processes: Record<string, ProcessStatus> = {};
    const lags = lagsOf(drone, who);
    let own = DRONE_CHARACTERS;
    for (const { why } of lags) own += LAG_CHARACTERS + why.length;
    for (const [id, known] of drone.processes) {
      if (!seesProcess(who, drone, known.report) || !matches(drone.name, known.report)) continue;
      processes[id] = statusNow(known, now);
      own += PROCESS_CHARACTERS;
      for (const word of known.report.command) own += word.length;
    }
    if (last !== null && characters + own > max) return { drones: status, next: last };
    characters += own;
    last = drone.name;
    status[drone.name] = { lost: drone.lost, awaited: drone.awaited, lags, processes };
  }
  return { drones: status, next: null };
}

/** What `drones` shows of a drone. */
export function entryOf(
  drone: Drone,
  who: Principal,
  traffic: Pick<Traffic, 'isUnreached'>,
): ClientAnswers['drones']['drones'][number] {
  const { name, lost, version, labels, address, machine } = drone;
  const { load = null, memory = null, disk = null } = machine ?? {};
  const unreached = traffic.isUnreached(name);
  return { name, lost, version, labels, address, unreached, load, memory, disk, lags: lagsOf(drone, who) };
}

function lagsOf({ lags }: Drone, who: Principal): Lag[] {
  return lags.filter(({ repo }) => sees(who, repo));
}

/** Puts ids in the order in which they were asked for; those that were not keep their order at the end. */
export function inAskedOrder(ids: readonly string[], select: Selection): string[] {
  const asked = new Map((select.ids ?? []).map(({ id }, at) => [id, at]));
  const placeOf = (id: string) => asked.get(id) ?? Number.MAX_SAFE_INTEGER;
  return [...ids].sort((a, b) => placeOf(a) - placeOf(b));
}

const stageOf = (app: string) => parseAppName(app)?.stage ?? '';

const nameOf = (drone: string | null, id: string) => (drone === null ? id : `${drone}#${id}`);
