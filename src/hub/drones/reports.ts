import type { Reports } from '../../protocol/drone-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { Deploys } from '../deploys.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Subscribers } from '../events/subscribers.ts';
import type { Execs } from '../execs.ts';
import type { DroneDirectory } from './directory.ts';
import type { KnownDrone } from './known-drone.ts';

export interface ReportParts {
  directory: Pick<DroneDirectory, 'emit'>;
  events: Pick<EventLog, 'add'>;
  subscribers: Pick<Subscribers, 'output'>;
  execs: Pick<Execs, 'output' | 'exit' | 'stdinAck'>;
  deploys: Pick<Deploys, 'fetching'>;
}

/** Returns what takes the reports of a drone that has joined, at whichever hub. A drone speaks only for itself. */
export function reportHandlers(
  drone: KnownDrone,
  { directory, events, subscribers, execs, deploys }: ReportParts,
): Handlers<Reports> {
  const { name } = drone;
  return {
    changed: (report) => {
      drone.know(report);
      directory.emit('reported', drone);
    },
    job: (report) => {
      drone.knowJob(report);
      directory.emit('reported', drone);
    },
    gone: ({ id }) => {
      drone.forget(id);
      directory.emit('reported', drone);
    },
    fetching: (state) => deploys.fetching(name, state),
    lags: ({ lags }) => drone.lack(lags),
    machine: (use) => {
      drone.machine = use;
    },
    event: (event) => events.add({ ...event, drone: name }),
    output: (piece, body) => subscribers.output(name, piece, body),
    'exec.output': (params, body) => execs.output(drone, params, body),
    'exec.exit': (params) => execs.exit(drone, params),
    'exec.stdin-ack': (params) => execs.stdinAck(drone, params),
  };
}
