import type { CheckedClientParams } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import type { CheckedOrderParams } from '../protocol/orders.ts';
import type { DroneConnection } from './drones/drone.ts';

/** What a client asks to keep running, with the whole environment. */
export type SpawnRequest = Omit<CheckedClientParams['spawn'], 'appEnv'>;

/** What a client asks to run, and of which app it is, if the hub knows that. */
export type ExecRequest = Omit<CheckedClientParams['exec.start'], 'appEnv'> &
  Partial<Pick<CheckedOrderParams['exec.start'], 'app'>>;

/** Throws ESPAWN if a terminal is wanted that the drone is too old for. */
export function demandTerminals(
  { features }: DroneConnection,
  { terminal }: Pick<ExecRequest, 'terminal'>,
): void {
  if (!terminal || features.has('terminals')) return;
  throw new FleetError('ESPAWN', `it runs fleet ${features.version}, which makes no terminals; upgrade it`);
}

/** Throws ESPAWN if a directory or a port is wanted that the drone is too old for. */
export function demandPlaces(
  { features }: DroneConnection,
  { cwd, port }: Pick<SpawnRequest, 'cwd' | 'port'>,
): void {
  if ((cwd === null && port === null) || features.has('places')) return;
  const lack = 'starts processes in the checkout only, and gives them no ports';
  throw new FleetError('ESPAWN', `it runs fleet ${features.version}, which ${lack}; upgrade it`);
}

/** Throws ESPAWN if the drone is too old to change the environment of a process. */
export function demandChanges({ features }: DroneConnection): void {
  if (features.has('restart-env')) return;
  const lack = 'restarts processes only as they are';
  throw new FleetError('ESPAWN', `it runs fleet ${features.version}, which ${lack}; upgrade it`);
}
