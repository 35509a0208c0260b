import type { GenericSchema } from 'valibot';
import { check } from '../protocol/check.ts';
import { FleetError } from '../protocol/errors.ts';
import { ORDERS, type Order, type OrderParams } from '../protocol/orders.ts';
import { type Incoming, type Peer, WithBody } from '../rpc/peer.ts';
import type { Execs } from './execs/execs.ts';
import type { Logs } from './logs/logs.ts';
import type { Supervisor } from './processes/supervisor.ts';

export interface OrderParts {
  supervisor: Supervisor;
  logs: Logs;
  execs: Execs;
  /** Fetches and checks out, and tells of it when it is new. */
  deploy(repo: string, commit: string): Promise<void>;
  watch(interest: OrderParams['watch']): void;
}

type Serve = { [K in Order]: (params: OrderParams[K], body: Buffer) => unknown };

/** Does what the hub says. Every order is checked first: a drone does not trust its hub to be well-formed. */
export function serveOrders(peer: Peer, parts: OrderParts): void {
  const { supervisor, logs, execs } = parts;
  const orders: Serve = {
    deploy: ({ repo, commit }) => parts.deploy(repo, commit),
    spawn: async (spec) => ({ id: await supervisor.spawn(spec) }),
    stop: ({ ids, grace }) => supervisor.stop(ids, grace),
    restart: ({ ids, grace }) => supervisor.restart(ids, grace),
    'exec.start': (params) => execs.start(peer, params),
    'exec.stdin': ({ id, end }, body) => {
      if (end) execs.get(id)?.endInput();
      else execs.get(id)?.write(body);
    },
    'exec.ack': ({ id, bytes }) => execs.get(id)?.ack(bytes),
    'exec.kill': ({ id, signal }) => {
      if (signal === null) execs.abandon(id);
      else execs.get(id)?.kill(signal as NodeJS.Signals);
    },
    watch: (interest) => parts.watch(interest),
    'logs.list': () => ({ logs: logs.list() }),
    'logs.read': async ({ id, at, limit }) => {
      const { page, body } = await logs.read(id, at, limit);
      return new WithBody(page, body);
    },
  };
  peer.serve(async ({ method, params, body }: Incoming) => {
    if (!Object.hasOwn(ORDERS, method))
      throw new FleetError('EPROTOCOL', `no such order: ${method.slice(0, 50)}`);
    const order = method as Order;
    const checked = check(ORDERS[order] as GenericSchema, params, method);
    return (await (orders[order] as (params: unknown, body: Buffer) => unknown)(checked, body)) ?? null;
  });
}
