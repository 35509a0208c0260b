import type { Service } from '../../app-file/types.ts';
import { appName } from '../../protocol/app-names.ts';
import { FleetError } from '../../protocol/errors.ts';
import { releaseOf } from './app-record.ts';
import type { Demand } from './demand.ts';
import { type Placement, place, slotsOf } from './placement.ts';
import { countOf, movablesOf, targetsOf, wantedSlots } from './targets.ts';

/** Throws ECONFIG if a fixed port would be that of two services on one drone, of this app or of another one. */
export function mustHaveOwnPorts(demand: Demand): void {
  const { app, file, world } = demand;
  if (file.services.every(({ port }) => port === null)) return;
  const placement = place(app.placement, movablesOf(app, world, file));
  for (const service of file.services) {
    if (service.port === null || countOf(app, service) === 0) continue;
    mustHaveRoom(demand, service, placement);
    mustBeOwn(demand, service, placement);
  }
}

function mustHaveRoom({ app, file, world }: Demand, service: Service, placement: Placement): void {
  const drones = targetsOf(file, world.drones, service.on).filter(({ isConnected }) => isConnected);
  const count = countOf(app, service);
  const wanted = count === 'each' ? drones.length : Math.min(count, drones.length);
  if (wantedSlots({ ...app, placement }, service).length >= wanted) return;
  const other = file.services.find(({ name, port }) => port === service.port && name !== service.name);
  if (!other) return;
  throw new FleetError(
    'ECONFIG',
    `${service.at}: services.${service.name}: port ${service.port} is that of services.${other.name} too, and no other drone is left for it`,
  );
}

function mustBeOwn({ app, others, fileOf }: Demand, service: Service, placement: Placement): void {
  const mine = new Set(wantedSlots({ ...app, placement }, service).map(({ drone }) => drone));
  for (const other of others) {
    const serving = releaseOf(other, other.underWay) ?? releaseOf(other, other.live);
    const same = serving ? fileOf(serving).services.filter(({ port }) => port === service.port) : [];
    for (const { name } of same) {
      const drone = slotsOf(other.placement, name).find((slot) => mine.has(slot.drone))?.drone;
      if (drone === undefined) continue;
      throw new FleetError(
        'ECONFIG',
        `${service.at}: services.${service.name}: port ${service.port} is ${name} of ${appName(other)} on ${drone}`,
      );
    }
  }
}
