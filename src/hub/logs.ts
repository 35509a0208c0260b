import type { ClientAnswers, LogInfo, OrderAnswers } from '../protocol/answers.ts';
import type { ClientParams } from '../protocol/client-calls.ts';
import { FleetError, toWire, type WireError } from '../protocol/errors.ts';
import { type Peer, WithBody } from '../rpc/peer.ts';
import { type Principal, sees } from './access/principal.ts';
import type { DroneDirectory } from './drones/directory.ts';

/** Milliseconds that a drone may take to answer a question about its logs. */
const PATIENCE = 10_000;

/** A drone's connection; ENODRONE where there is none by that name, or it is lost. */
export function connectedPeer(directory: DroneDirectory, name: string): Peer {
  const record = directory.get(name);
  if (record?.peer) return record.peer;
  const names = directory.connected().map((one) => one.name);
  const why = record
    ? `the drone ${name} is not connected (lost ${record.lost}s ago)`
    : `there is no drone ${name}`;
  throw new FleetError('ENODRONE', `${why}; connected: ${names.join(', ') || 'none'}`);
}

/** The logs that the named drones keep, or all connected drones. A drone that fails answers with its error. */
export async function listLogs(
  directory: DroneDirectory,
  who: Principal,
  names: string[] | null,
): Promise<ClientAnswers['logs.list']> {
  const wanted = names ?? directory.connected().map(({ name }) => name);
  const drones: Record<string, LogInfo[] | WireError> = {};
  await Promise.all(
    wanted.map(async (name) => {
      try {
        const { result } = await connectedPeer(directory, name).call('logs.list', {}, PATIENCE);
        const { logs } = result as OrderAnswers['logs.list'];
        drones[name] = logs.filter(({ repo }) => sees(who, repo));
      } catch (error) {
        drones[name] = toWire(error);
      }
    }),
  );
  return { drones };
}

/** A stretch of one log. A token for one repository reads no other's. */
export async function readLog(
  directory: DroneDirectory,
  who: Principal,
  params: ClientParams['logs.read'],
): Promise<WithBody> {
  const { drone, id, at, limit } = params;
  const peer = connectedPeer(directory, drone);
  if (who.repo !== null) {
    const { result } = await peer.call('logs.list', {}, PATIENCE);
    const mine = (result as OrderAnswers['logs.list']).logs.some(
      (log) => log.id === id && sees(who, log.repo),
    );
    if (!mine) throw new FleetError('ENOPROCESS', `${drone} has no log of ${id}`);
  }
  const { result, body } = await peer.call('logs.read', { id, at, limit }, PATIENCE);
  return new WithBody(result, body);
}
