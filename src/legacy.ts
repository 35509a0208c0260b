import type { Client } from './client/types.ts';
import { connect } from './index.ts';
import type { HubTarget } from './protocol/address.ts';
import { FleetError } from './protocol/errors.ts';
import type { ProcessStatus } from './protocol/process.ts';

/** A Node callback: an error, or null and the result. */
export type Callback<Result> = (error: FleetError | null, result?: Result) => void;

/** Processes by drone and id. */
export type LegacyPs = Record<string, Record<string, ProcessStatus>>;

/** The stopped ids of each drone. */
export type LegacyStopped = Record<string, string[]>;

/** What `require('fleet')({ hub, secret })` has returned since 2012. */
export interface LegacyFleet {
  ps(callback: Callback<LegacyPs>): void;
  /** One id or several, as `1e99f4`, `pid#1e99f4` or `DRONE#1e99f4`. An id that no drone has is an error. */
  stop(pid: string | string[], callback?: Callback<LegacyStopped>): void;
}

/**
 * The interface of fleet 0.1, for programs that were written for it. Each call has a connection of its own, so that
 * nothing keeps the program from exiting. `connect` offers more.
 */
export function fleet(target: HubTarget): LegacyFleet {
  return {
    ps: (callback) => call(target, psOf, callback),
    stop: (pid, callback = () => {}) => call(target, (client) => stop(client, [pid].flat()), callback),
  };
}

async function call<Result>(
  target: HubTarget,
  ask: (client: Client) => Promise<Result>,
  callback: Callback<Result>,
): Promise<void> {
  const settled = await connectAndAsk(target, ask).then(
    (result) => () => callback(null, result),
    (error: FleetError) => () => callback(error),
  );
  // Outside of the promise: what a callback throws stays an uncaught exception, not a rejection.
  process.nextTick(settled);
}

async function connectAndAsk<Result>(
  target: HubTarget,
  ask: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(target);
  try {
    return await ask(client);
  } finally {
    client.close();
  }
}

async function psOf(client: Client): Promise<LegacyPs> {
  const drones = Object.entries(await client.ps());
  return Object.fromEntries(drones.map(([name, { processes }]) => [name, processes]));
}

async function stop(client: Client, pids: string[]): Promise<LegacyStopped> {
  const { drones, unknown } = await client.stop(pids);
  const [failed] = Object.values(drones).flatMap(({ errors }) => Object.values(errors));
  if (failed) throw failed;
  if (unknown.length > 0)
    throw new FleetError('ENOPROCESS', `no drone has ${unknown.join(' ')}; see: fleet ps`);
  return Object.fromEntries(
    Object.entries(drones).map(([name, { stopped, killed }]) => [name, [...stopped, ...killed]]),
  );
}
