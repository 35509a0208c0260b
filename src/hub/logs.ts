import type { LogInfo } from '../protocol/answers.ts';
import type { CheckedClientParams, ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, toWire } from '../protocol/errors.ts';
import { Answered } from '../rpc/answered.ts';
import { type Place, seesDrone, seesProcess } from './access/limits.ts';
import type { Principal } from './access/principal.ts';
import type { logsOfRelease } from './apps/release-logs.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { DroneConnection } from './drones/drone.ts';
import { EVERYTHING, matcherOf } from './selection.ts';

/** How long a drone may take to answer a request about its logs. */
const ANSWER_TIMEOUT_MS = 10_000;
/** The same for a drone of a token that has not answered the last time: everybody's list waits for it. */
const AGAIN_TIMEOUT_MS = 500;

/** The JSON of one list of logs, about: more takes seconds to print, in which nobody else is served. */
const MAX_LIST_CHARACTERS = 24 * 1024 * 1024;
/** What the drones of one token have of that. */
const MAX_TOKEN_CHARACTERS = MAX_LIST_CHARACTERS / 2;
/** What the JSON of a log takes, about, without its command. */
const LOG_CHARACTERS = 250;

/**
 * Lists the selected logs of the named drones, or of all connected ones; archived ones only if they are of the release that is
 * asked for, or their ids are selected. A drone that fails is listed with its error, and so are those of a token that have too
 * many. Throws ELIMIT if they are too many in all.
 */
export async function listLogs(
  directory: DroneDirectory,
  who: Principal,
  { drones: named, select, marks }: CheckedClientParams['logs.list'],
  isOfRelease: ReturnType<typeof logsOfRelease> | null = null,
): Promise<ClientAnswers['logs.list']> {
  const selection = select ?? EVERYTHING;
  const matches = matcherOf(selection);
  const asked = named ?? selection.drones;
  const isSeen = (name: string) => seesDrone(who, placeOf(directory, name));
  const names = new Set((asked ?? directory.connected().map(({ name }) => name)).filter(isSeen));
  const drones: ClientAnswers['logs.list']['drones'] = {};
  const ofTokens = new Map<string, number>();
  let characters = 0;
  await Promise.all(
    [...names].map(async (name) => {
      try {
        const by = directory.get(name)?.by ?? null;
        const logs = await listOf(directory.connection(name), by, marks ? { marks } : {});
        const instanceOf = (log: LogInfo) => instanceOfLog(directory, name, log);
        const isWanted = isOfRelease ?? ((log: LogInfo) => !log.archived || selection.ids !== null);
        const wanted = logs.filter(
          (log) =>
            seesProcess(who, placeOf(directory, name), { ...log, instance: instanceOf(log) }) &&
            isWanted(log) &&
            matches(name, { ...log, instance: instanceOf(log) }),
        );
        const own = charactersOf(wanted);
        if (by !== null) takeRoom(ofTokens, by, own);
        characters += own;
        if (characters <= MAX_LIST_CHARACTERS) drones[name] = wanted;
      } catch (error) {
        drones[name] = toWire(error);
      }
      if (characters > MAX_LIST_CHARACTERS) throw new FleetError('ELIMIT', TOO_MANY);
    }),
  );
  return { drones, absent: asked ? {} : directory.lost(who.limits?.drones ? [] : null) };
}

const TOO_MANY = 'these are too many logs for one list; ask for those of some drones, or of one repository';

/** Throws ELIMIT if the drones of a token have so many logs that they would leave no room for those of others. */
function takeRoom(ofTokens: Map<string, number>, by: string, characters: number): void {
  const taken = (ofTokens.get(by) ?? 0) + characters;
  if (taken > MAX_TOKEN_CHARACTERS)
    throw new FleetError('ELIMIT', `the drones of the token '${by}' have too many logs for one list`);
  ofTokens.set(by, taken);
}

/** Drones that have not answered the last time. */
const silent = new WeakSet<DroneConnection>();

/** Returns the logs of a drone of this token. Rejects with ETIMEOUT, sooner if it has done so before. */
async function listOf(connection: DroneConnection, by: string | null, params: { marks?: boolean }) {
  const timeout = by !== null && silent.has(connection) ? AGAIN_TIMEOUT_MS : ANSWER_TIMEOUT_MS;
  try {
    const logs = await logsOf(connection, params, timeout);
    silent.delete(connection);
    return logs;
  } catch (error) {
    if (error instanceof FleetError && error.code === 'ETIMEOUT') silent.add(connection);
    throw error;
  }
}

function charactersOf(logs: readonly LogInfo[]): number {
  return logs.reduce((sum, { command }) => sum + LOG_CHARACTERS + command.join().length, 0);
}

/** Reads a stretch of one log. Throws ENOPROCESS if the drone has no such log, or none that `who` may read. */
export async function readLog(
  directory: DroneDirectory,
  who: Principal,
  { drone, id, at, limit, unfinished, marks }: CheckedClientParams['logs.read'],
): Promise<Answered<ClientAnswers['logs.read']>> {
  const place = placeOf(directory, drone);
  if (!seesDrone(who, place))
    throw new FleetError('EFORBIDDEN', `the token '${who.name}' is not for the drone ${drone}`);
  const connection = directory.connection(drone);
  const isByLog = who.limits?.stage !== undefined || !connection.features.has('log-repository');
  if (who.repo !== null && isByLog) {
    const logs = await logsOf(connection);
    const isIts = (log: LogInfo) =>
      seesProcess(who, place, { ...log, instance: instanceOfLog(directory, drone, log) });
    if (!logs.some((log) => log.id === id && isIts(log)))
      throw new FleetError('ENOPROCESS', `${drone} has no log of ${id}`);
  }
  const { result, body } = await connection.orders.call(
    'logs.read',
    {
      ...{ id, at, limit, repo: who.repo },
      ...(unfinished ? { unfinished } : {}),
      ...(marks ? { marks } : {}),
    },
    { timeout: ANSWER_TIMEOUT_MS },
  );
  return new Answered(result, body);
}

/** Returns a drone as limits see it. */
function placeOf(directory: DroneDirectory, name: string): Place {
  return directory.get(name) ?? { name, labels: {} };
}

/** Returns which instance a log is of, as its drone says in it or, if that is older, of the process. */
function instanceOfLog(directory: DroneDirectory, drone: string, { id, of }: LogInfo) {
  return of ?? directory.get(drone)?.processes.get(id)?.report.instance;
}

async function logsOf(
  { orders }: DroneConnection,
  params: { marks?: boolean } = {},
  timeout = ANSWER_TIMEOUT_MS,
) {
  return (await orders.call('logs.list', params, { timeout })).result.logs;
}
