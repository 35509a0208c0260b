import type { Client, ConnectOptions } from './client/types.ts';
import type { Drone, DroneOptions } from './drone/options.ts';
import type { Hub, HubOptions } from './hub/options.ts';

export type { PruneReport } from './client/prune-types.ts';
export type * from './client/types.ts';
export type { Drone, DroneOptions } from './drone/options.ts';
export type { Hub, HubOptions } from './hub/options.ts';
export type { HubTarget } from './protocol/address.ts';
export type { AuditEntry, AuditVerdict, LogInfo, TokenInfo, TokenLimits } from './protocol/answers.ts';
export { type ErrorCode, FleetError } from './protocol/errors.ts';
export type { FleetEvent } from './protocol/events.ts';
export type { DroneStatus, LastExit, ProcessStatus } from './protocol/process.ts';
export type { Right } from './protocol/rights.ts';

// Each part is loaded when it is first used: a program that only calls `ps` loads neither git nor validation.

/** Connects to a hub. Throws FleetError: ECONNECT, EAUTH, EFORBIDDEN, ETIMEOUT, EUSAGE. */
export async function connect(options: ConnectOptions): Promise<Client> {
  return (await import('./client/client.ts')).connect(options);
}

/** Starts a hub in this process. Throws FleetError: EINUSE, EIO, ECONFIG, EUSAGE. */
export async function createHub(options?: HubOptions): Promise<Hub> {
  return (await import('./hub/hub.ts')).createHub(options);
}

/** Starts a drone in this process. Throws FleetError: EINUSE, EIO, ECONFIG, EUSAGE. */
export async function createDrone(options: DroneOptions): Promise<Drone> {
  return (await import('./drone/create-drone.ts')).createDrone(options);
}
