import type { ClientParams } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import { randomBytes } from '../system/random.ts';
import { resolveRelease } from './deploy.ts';
import type { Link } from './link.ts';
import { demandPresent, lostDrones, selectDrones } from './select.ts';
import type { DroneEntry, RunOptions } from './types.ts';

/** What says which process to run, and where. */
export interface Run {
  params: Omit<ClientParams['spawn'], 'cwd' | 'port'>;
  /** Drones that are meant and lost, with the seconds since then. */
  absent: Record<string, number>;
  /** The drone that was named, if nobody has asked yet whether there is one of that name. */
  unchecked: string | null;
}

/** Returns what to run. Throws EUSAGE, ENOREPO, ENOCOMMIT, ENODRONE, EPROTOCOL. */
export async function runOf(link: Link, options: RunOptions): Promise<Run> {
  const { command, env, labels, appEnv = null } = options;
  if (command.length === 0 || command[0] === '')
    throw new FleetError('EUSAGE', 'say which command to run, after --');
  const { repo, commit } = await resolveRelease(options);
  const { drones, absent, unchecked } = await placesOf(link, options);
  const key = randomBytes(16).toString('hex');
  const params = { key, repo, commit, command, env: env ?? {}, labels: labels ?? {}, drones, appEnv };
  if (appEnv) await link.demand('app-execs', 'does not know of --app-env');
  return { params, absent, unchecked };
}

/**
 * If a single drone is selected by its name, the hub is not asked for its drones first, which would take as long as the call
 * itself if the hub is far away: it starts nothing then if there is no such drone.
 */
async function placesOf(
  link: Link,
  { drones: selectors = [], strict }: RunOptions,
): Promise<Omit<Run, 'params'> & { drones: string[] | null }> {
  if (selectors.length === 0) return { drones: null, absent: {}, unchecked: null };
  const [only = ''] = selectors;
  if (selectors.length === 1 && isName(only)) return { drones: [only], absent: {}, unchecked: only };
  const known = await knownTo(link);
  const absent = lostDrones(selectors, known);
  const drones = selectDrones(selectors, known);
  if (strict) demandPresent(absent);
  return { drones, absent, unchecked: null };
}

/** Throws ENODRONE, naming the drones that there are, if nothing was started because there is none of the name. */
export async function demandChecked(
  link: Link,
  { unchecked }: Pick<Run, 'unchecked'>,
  started: Record<string, { error: { code: string } | null }>,
): Promise<void> {
  if (unchecked !== null && started[unchecked]?.error?.code === 'ENODRONE')
    selectDrones([unchecked], await knownTo(link));
}

async function knownTo(link: Link): Promise<DroneEntry[]> {
  return (await link.call('drones', {})).result.drones;
}
