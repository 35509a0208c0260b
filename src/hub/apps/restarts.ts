import { parallelOf } from '../../app-file/parallel.ts';
import type { ReleaseRecord } from './app-record.ts';
import { type Command, type Context, isStaying } from './decision.ts';
import { wantedSlots } from './targets.ts';
import { ofService } from './world.ts';

/**
 * Returns the restarts that drones want of instances, as many as may be done now: never are more than `parallel` of a
 * service away. Those that are not good anyway come first.
 */
export function restartsOf({ app, world, fileOf }: Context, live: ReleaseRecord): Command[] {
  return fileOf(live).services.flatMap((service) => {
    const present = ofService(world, service.name).filter(isStaying);
    const asking = present.filter(({ restart }) => restart !== null);
    if (asking.length === 0) return [];
    const count = wantedSlots(app, service).length;
    const parallel = parallelOf(service, count);
    const [good, bad] = [asking.filter(({ isGood }) => isGood), asking.filter(({ isGood }) => !isGood)];
    const missing = count - present.filter(({ isGood }) => isGood).length;
    const now = [
      ...bad.slice(0, Math.max(0, parallel - (missing - bad.length))),
      ...good.slice(0, Math.max(0, parallel - missing)),
    ];
    return now.map((instance): Command => ({ do: 'restart', instance, service }));
  });
}
