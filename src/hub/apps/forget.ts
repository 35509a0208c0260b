import { setTimeout as sleep } from 'node:timers/promises';
import { appName } from '../../protocol/app-names.ts';
import type { CheckedClientParams, ClientAnswers } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Pruning } from '../pruning.ts';
import type { AppService } from './apps.ts';
import type { Conductor } from './conductor.ts';
import { down } from './rollback.ts';

/** How long instances may take to stop, and how often they are looked at. */
const STOPPED_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;

/**
 * Stops an app, has the drones remove its checkouts, and forgets it. Its shared files stay. Throws ENORELEASE if there is no such
 * app, ENODRONE if a lost drone may run some of it, EBUSY if it is being released or does not stop.
 */
export async function forget(
  service: AppService,
  pruning: Pick<Pruning, 'removeApp'>,
  params: CheckedClientParams['app.forget'],
): Promise<ClientAnswers['app.forget']> {
  const { apps } = service;
  await apps.ready;
  const conductor = apps.get(params);
  mustBeReachable(service, appName(params));
  if (conductor.app.live === null) await apps.take(params, params.wait);
  else await down(service, params);
  await stopped(conductor);
  const answer = await pruning.removeApp(conductor.app);
  await apps.remove(conductor);
  return answer;
}

/** What runs on a drone that is lost would run on for ever: a hub stops nothing of an app that it does not know. */
function mustBeReachable({ parts }: AppService, app: string): void {
  const lost = parts.directory.all().find(({ connection, processes }) => {
    return !connection && [...processes.values()].some(({ report }) => report.instance?.app === app);
  });
  if (!lost) return;
  throw new FleetError(
    'ENODRONE',
    `${lost.name} is lost, and may run some of ${app}; wait until it is back, or: fleet drones rm ${lost.name}`,
  );
}

async function stopped(conductor: Conductor): Promise<void> {
  const until = performance.now() + STOPPED_WITHIN_MS;
  for (;;) {
    const [first] = conductor.world.instances;
    if (!first) return;
    if (performance.now() >= until)
      throw new FleetError('EBUSY', `${first.service}.${first.slot} has not stopped yet; see: fleet status`);
    await sleep(LOOK_EVERY_MS);
  }
}
