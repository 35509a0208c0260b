import type * as v from 'valibot';
import type { Welcome } from '../../protocol/answers.ts';
import { check } from '../../protocol/check.ts';
import { DRONE_CALLS, type DroneCall, type DroneParams } from '../../protocol/drone-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Incoming, Peer } from '../../rpc/peer.ts';
import { plainAddress } from '../access/principal.ts';
import type { Deploys } from '../deploys.ts';
import type { Subscribers } from '../events/subscribers.ts';
import type { Execs } from '../execs.ts';
import type { StateFile } from '../state.ts';
import type { DroneDirectory, DroneRecord } from './directory.ts';

export interface DroneServiceParts {
  directory: DroneDirectory;
  subscribers: Subscribers;
  execs: Execs;
  deploys: Deploys;
  state: StateFile;
  log: (line: string) => void;
}

type Serve = { [K in DroneCall]: (record: DroneRecord, params: DroneParams[K], body: Buffer) => void };

/** What one connected drone may tell the hub. It speaks for itself only: nothing it sends names another drone. */
export function serveDrone(peer: Peer, parts: DroneServiceParts): void {
  const { directory, subscribers, execs, log } = parts;
  let record: DroneRecord | undefined;

  const calls: Omit<Serve, 'join'> = {
    changed: (from, report) => from.know(report),
    gone: (from, { id }) => from.forget(id),
    event: (from, event) => subscribers.event({ ...event, drone: from.name, time: Date.now() }),
    output: (from, piece, body) => subscribers.output(from.name, piece, body),
    'exec.output': (from, params, body) => execs.output(from, params, body),
    'exec.exit': (from, params) => execs.exit(from, params),
    'exec.stdin-ack': (from, params) => execs.stdinAck(from, params),
  };

  peer.serve(({ method, params, body }: Incoming) => {
    if (!Object.hasOwn(DRONE_CALLS, method))
      throw new FleetError('EPROTOCOL', `no such call: ${method.slice(0, 50)}`);
    const call = method as DroneCall;
    const checked = check(DRONE_CALLS[call] as v.GenericSchema, params, method);
    if (call === 'join') {
      if (record) throw new FleetError('EPROTOCOL', 'a drone joins once');
      record = join(peer, checked as DroneParams['join'], parts);
      const { name } = record;
      // After the answer: the drone can be asked for its logs then.
      setImmediate(() => subscribers.joined(name));
      return welcome(record, parts);
    }
    if (!record) throw new FleetError('EPROTOCOL', 'a drone joins first');
    return (calls[call] as (from: DroneRecord, params: unknown, body: Buffer) => void)(record, checked, body);
  });
  void peer.closed.then((why) => {
    if (!record) return;
    directory.lose(record);
    log(`lost drone ${record.name}: ${why.message}`);
  });
}

function join(peer: Peer, params: DroneParams['join'], { directory, log }: DroneServiceParts): DroneRecord {
  const record = directory.join(peer, params.identity, params.name, params.processes);
  log(`drone ${record.name} from ${plainAddress(peer.address)}`);
  return record;
}

function welcome(record: DroneRecord, { state, deploys, subscribers }: DroneServiceParts): Welcome {
  const deploy = deploys.wantedBy(state.state.drones[record.identity]?.seen);
  const watch = subscribers.wantedOf(record.name);
  subscribers.noteTold(record, watch);
  state.state.drones[record.identity] = { name: record.name, seen: Date.now(), connected: true };
  state.save();
  return { name: record.name, deploy, watch };
}
