import type { Client } from '../client/types.ts';
import { FleetError } from '../protocol/errors.ts';
import type { DroneStatus } from '../protocol/process.ts';
import type { Arguments } from './arguments.ts';
import { graceOf, RESTART, reportEnds } from './ending.ts';
import { checkIds, missingIds, noteMissing } from './ids.ts';
import { note, type Output, type Surroundings } from './io.ts';
import { filterOf } from './selection.ts';
import { parseStable, stayed } from './stable.ts';
import type { Target } from './target.ts';

const DEFAULT_STABLE = '5s';

/** The processes of a rolling restart, as `DRONE#ID`. */
interface Rolling {
  byHand: string[];
  /** Instances of apps, which are restarted by service. */
  instances: string[];
}

/**
 * Restarts processes one by one, each when the one before has stayed. Stops at the first that does not: what is left runs on
 * as it is. Returns the exit status.
 */
export async function restartRolling(
  client: Client,
  args: Arguments,
  io: Output & Surroundings,
  target: Pick<Target, 'repo'>,
): Promise<number> {
  const grace = graceOf(args);
  const stableMs = parseStable(args.text('stable') ?? DEFAULT_STABLE);
  const env = args.has('env') ? args.pairs('env') : undefined;
  await checkIds(RESTART.name, args.words, client);
  const drones = await client.ps(await filterOf(args, target, io));
  const missing = missingIds(args.words, drones);
  const { byHand, instances } = rollingOf(drones);
  noteMissing(missing, io);
  if (instances.length > 0)
    note(
      io,
      `left alone: ${instances.join(' ')}; fleet restart --service=NAME replaces instances one by one`,
    );
  if (byHand.length === 0)
    throw new FleetError('ENOPROCESS', 'nothing to restart: no process matches; fleet ps lists what runs');
  for (const [at, process] of byHand.entries()) {
    const status = reportEnds(RESTART, await client.restart([process], { grace, env }), grace, io);
    if (status === 0 && (await stayed([process], stableMs, client, io))) continue;
    const left = byHand.slice(at + 1);
    if (left.length > 0) note(io, `fleet: not restarted: ${left.join(' ')}`);
    return 1;
  }
  return missing.length > 0 ? 1 : 0;
}

/** Returns the processes in the order in which they are restarted: by drone. */
export function rollingOf(drones: Record<string, DroneStatus>): Rolling {
  const all = Object.keys(drones)
    .sort()
    .flatMap((name) =>
      Object.entries(drones[name]?.processes ?? {}).map(([id, { app }]) => ({
        name: `${name}#${id}`,
        isInstance: typeof app === 'string',
      })),
    );
  const named = (isInstance: boolean) =>
    all.filter((one) => one.isInstance === isInstance).map(({ name }) => name);
  return { byHand: named(false), instances: named(true) };
}
