import { parallelOf } from '../../app-file/parallel.ts';
import type { ReleaseRecord } from './app-record.ts';
import type { Command, Context } from './decision.ts';
import { wantedSlots } from './targets.ts';

/**
 * Returns the restarts that drones want of instances, as many as may be done now: never are more than `parallel` of a
 * service away. Those that are not good anyway come first.
 */
export function restartsOf({ app, world, fileOf }: Context, live: ReleaseRecord): Command[] {
  return fileOf(live).services.flatMap((service) => {
    const count = wantedSlots(app, service).length;
    const parallel = parallelOf(service, count);
    const present = world.instances.filter((one) => one.service === service.name && !one.isLeaving);
    const asking = present.filter(({ restart }) => restart !== null);
    const [good, bad] = [asking.filter(({ isGood }) => isGood), asking.filter(({ isGood }) => !isGood)];
    const missing = count - present.filter(({ isGood }) => isGood).length;
    const now = [
      ...bad.slice(0, Math.max(0, parallel - (missing - bad.length))),
      ...good.slice(0, Math.max(0, parallel - missing)),
    ];
    return now.map((instance): Command => ({ do: 'restart', instance, service }));
  });
}
