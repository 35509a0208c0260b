import type { CheckedClientParams } from '../../protocol/client-calls.ts';
import type { ReleasePlan } from '../../protocol/plans.ts';
import { releaseOf } from './app-record.ts';
import { scaled } from './app-settings.ts';
import type { AppService, Named } from './apps.ts';
import { busy } from './busy.ts';
import { countsOfServices } from './counts.ts';
import type { Context } from './decision.ts';
import { plannedRelease, plannedStop, plannedWay } from './planned-release.ts';
import { earlierOf, liveRelease, promotedRelease, wantedAgain } from './rollback.ts';

/** Returns what `rollback` would do. Throws what it would. */
export async function planRollback(
  service: AppService,
  params: CheckedClientParams['app.rollback.plan'],
  by: string,
): Promise<ReleasePlan> {
  await service.apps.ready;
  const conductor = service.apps.get(params);
  const { app, underWay } = conductor;
  const context = contextOf(service, params);
  if (!underWay) {
    const earlier = await earlierOf(service.parts, app, params.release);
    return plannedRelease(context, wantedAgain(service, context, earlier, { ...params, by }));
  }
  if (params.release !== null) throw busy(conductor, underWay);
  const before = releaseOf(app, underWay.replaces);
  const back = before ? plannedWay(context, before, 'live') : plannedStop(context, underWay.release);
  const replaces = before && { release: before.release, commit: before.commit };
  return { ...back, release: underWay.release, end: { ...back.end, state: 'cancelled', replaces } };
}

/** Returns what `promote` would do. Throws what it would. */
export async function planPromote(service: AppService, named: Named): Promise<ReleasePlan> {
  await service.apps.ready;
  return plannedWay(contextOf(service, named), promotedRelease(service.apps.get(named)), 'live');
}

/** Returns what `down` would do. Throws what it would. */
export async function planDown(
  service: AppService,
  params: CheckedClientParams['app.down.plan'],
): Promise<ReleasePlan> {
  await service.apps.ready;
  const conductor = service.apps.get(params);
  const { app, underWay } = conductor;
  if (underWay) throw busy(conductor, underWay);
  const { release } = params.forget ? { release: app.live ?? app.last } : liveRelease(app);
  return plannedStop(contextOf(service, params), release);
}

/** Returns what `scale` would do. Throws what it would. */
export async function planScale(
  service: AppService,
  params: CheckedClientParams['app.scale.plan'],
): Promise<ReleasePlan> {
  await service.apps.ready;
  const { live, next } = scaled(service.parts, service.apps.get(params), params.scale);
  const context = contextOf(service, params);
  const plan = plannedWay({ ...context, app: { ...context.app, ...next } }, live, 'scaled');
  const services = countsOfServices(plan.end.services, Object.keys(params.scale));
  return { ...plan, end: { ...plan.end, services } };
}

function contextOf({ apps, parts }: AppService, named: Named): Context {
  const { app, world } = apps.get(named);
  return { app, world, fileOf: parts.fileOf };
}
