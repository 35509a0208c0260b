import type { Interest } from '../protocol/events.ts';
import type { OrderFence } from '../protocol/fence.ts';
import type { JobReport, JobSpec } from '../protocol/instance.ts';
import { type CheckedOrderParams, ORDERS, type OrderAnswers, type Orders } from '../protocol/orders.ts';
import type { ProcessSpec } from '../protocol/process.ts';
import { Answered } from '../rpc/answered.ts';
import { type Handlers, serve } from '../rpc/calls.ts';
import type { Peer } from '../rpc/peer.ts';
import type { Execs } from './execs/execs.ts';
import type { Fences } from './fences.ts';
import type { Logs } from './logs/logs.ts';
import type { Supervisor } from './processes/supervisor.ts';

/** The parts of a drone that carry out orders. */
export interface OrderParts {
  supervisor: Pick<Supervisor, 'stop' | 'restart' | 'specOf'>;
  /** Starts a process and keeps it running; returns its id. */
  spawn(spec: ProcessSpec): Promise<string>;
  logs: Pick<Logs, 'list' | 'read'>;
  execs: Pick<Execs, 'start' | 'get' | 'abandon'>;
  /** Fetches and checks out a commit, and reports it if it is new. */
  deploy(wanted: CheckedOrderParams['deploy']): Promise<void>;
  /** Makes a commit ready for the processes of an app; see the order. */
  prepare(
    preparation: Omit<CheckedOrderParams['prepare'], 'fence'>,
  ): Promise<{ job: string | null; why: string | null }>;
  /** Removes checkouts that are not needed; see the order. */
  prune(order: CheckedOrderParams['prune']): Promise<OrderAnswers['prune']>;
  /** Removes all of a commit; see the order. */
  forget(order: CheckedOrderParams['forget']): Promise<OrderAnswers['forget']>;
  jobs: { start(job: JobSpec): JobReport; end(key: string): void };
  fences: Pick<Fences, 'admit'>;
  watch(interest: Interest): void;
}

/** Serves the hub's calls. One with a fence that is not admitted is refused before anything of it is done. */
export function serveOrders(
  peer: Peer,
  { supervisor, spawn, logs, execs, deploy, prepare, prune, forget, jobs, fences, watch }: OrderParts,
): void {
  const handlers: Handlers<Orders> = {
    deploy: async (wanted) => deploy(wanted),
    spawn: async ({ labels, cwd, port: wanted, fence: _, ...spec }) => {
      const id = await spawn({
        ...spec,
        ...(Object.keys(labels).length > 0 && { labels }),
        ...(cwd !== null && { cwd }),
        ...(wanted !== null && { port: wanted }),
      });
      const port = supervisor.specOf(id)?.port;
      return { id, ...(typeof port === 'number' && { port }) };
    },
    prepare: ({ fence: _, ...preparation }) => prepare(preparation),
    prune: (order) => prune(order),
    forget: (order) => forget(order),
    'job.start': ({ fence: _, ...job }) => jobs.start(job),
    'job.end': ({ key }) => jobs.end(key),
    stop: ({ ids, grace }) => supervisor.stop(ids, grace),
    restart: ({ ids, grace, env }) => supervisor.restart(ids, grace, env),
    'exec.start': async (params) => execs.start(peer, params),
    'exec.stdin': ({ id, end }, body) => {
      if (end) execs.get(id)?.endInput();
      else execs.get(id)?.write(body);
    },
    'exec.ack': ({ id, bytes }) => execs.get(id)?.ack(bytes),
    'exec.resize': ({ id, ...size }) => execs.get(id)?.terminal?.resize(size),
    'exec.kill': ({ id, signal }) => {
      if (signal === null) execs.abandon(id);
      else execs.get(id)?.kill(signal as NodeJS.Signals);
    },
    watch: (interest) => watch(interest),
    'logs.list': (params) => ({ logs: logs.list(params) }),
    'logs.read': async (params) => {
      const { page, body } = await logs.read(params);
      return new Answered(page, body);
    },
  };
  serve(peer, ORDERS, handlers, {
    around: (_method, params, order) => {
      const { fence } = params as { fence?: OrderFence };
      if (fence) fences.admit(fence);
      return order();
    },
  });
}
