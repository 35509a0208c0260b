import type { GenericSchema } from 'valibot';
import type { ClientAnswers } from '../protocol/answers.ts';
import { check } from '../protocol/check.ts';
import { CLIENT_CALLS, type ClientCall, type ClientParams } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Incoming, Peer } from '../rpc/peer.ts';
import { demandRepo, demandRight, type Principal, sees } from './access/principal.ts';
import type { Tokens } from './access/tokens.ts';
import type { Deploys } from './deploys.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { Audit } from './events/audit.ts';
import type { Subscribers } from './events/subscribers.ts';
import type { Execs } from './execs.ts';
import { listLogs, readLog } from './logs.ts';
import type { Processes } from './processes.ts';

export interface ClientServiceParts {
  directory: DroneDirectory;
  /** Resolves when the directory knows the drones that there are: after a restart they come back one by one. */
  ready: Promise<void>;
  subscribers: Subscribers;
  execs: Execs;
  deploys: Deploys;
  runs: Processes;
  audit: Audit;
  tokens: Tokens;
}

/** Who calls, and over which connection. */
export interface Caller {
  peer: Peer;
  who: Principal;
}

type Serve = {
  [K in ClientCall]: (
    caller: Caller,
    params: ClientParams[K],
    body: Buffer,
  ) => ClientAnswers[K] | Promise<unknown>;
};

/** Calls that are written to the audit trail. */
const AUDITED = new Set<ClientCall>([
  'deploy',
  'spawn',
  'stop',
  'restart',
  'exec.start',
  'token.create',
  'token.remove',
]);

function callsOf({
  directory,
  ready,
  subscribers,
  execs,
  deploys,
  runs,
  tokens,
  audit,
}: ClientServiceParts): Serve {
  return {
    drones: async () => {
      await ready;
      return { drones: directory.all().map(({ name, lost }) => ({ name, lost })) };
    },
    ps: ({ who }) => ({ drones: directory.status((repo) => sees(who, repo)) }),
    deploy: ({ peer, who }, { repo, commit }) => {
      demandRepo(who, repo);
      return deploys.deploy(repo, commit, (done, total) =>
        peer.notify('progress', { call: 'deploy', done, total }),
      );
    },
    spawn: ({ who }, params) => {
      demandRepo(who, params.repo);
      return runs.spawn(params);
    },
    stop: ({ who }, params) => runs.end('stop', who, params),
    restart: ({ who }, params) => runs.end('restart', who, params),
    'exec.start': ({ peer, who }, params) => {
      demandRepo(who, params.repo);
      return runs.exec(peer, params);
    },
    'exec.stdin': ({ peer }, { drone, ...params }, body) => {
      execs.forward(peer, drone, params.id, 'exec.stdin', params, body);
      return null;
    },
    'exec.ack': ({ peer }, { drone, id, bytes }) => {
      execs.ack(peer, drone, id, bytes);
      return null;
    },
    'exec.kill': ({ peer }, { drone, id, signal }) => {
      execs.forward(peer, drone, id, 'exec.kill', { id, signal });
      return null;
    },
    subscribe: ({ peer, who }, { events, output, drones }) =>
      subscribers.subscribe(peer, who, { events, output, drones: drones && new Set(drones) }),
    'logs.list': ({ who }, { drones }) => listLogs(directory, who, drones),
    'logs.read': ({ who }, params) => readLog(directory, who, params),
    'token.create': ({ who }, params) => ({ token: tokens.create(who, params) }),
    'token.list': () => ({ tokens: tokens.list() }),
    'token.remove': (_, { name }) => {
      tokens.remove(name);
      return null;
    },
    audit: async (_, { count }) => ({ entries: await audit.read(count) }),
  };
}

/** Serves one client: each call is checked for its right and its shape before anything happens. */
export function serveClient(peer: Peer, who: Principal, parts: ClientServiceParts): void {
  const calls = callsOf(parts);
  peer.serve(async ({ method, params, body }: Incoming) => {
    if (!Object.hasOwn(CLIENT_CALLS, method))
      throw new FleetError('EPROTOCOL', `no such call: ${method.slice(0, 50)}`);
    const call = method as ClientCall;
    const serve = calls[call] as (caller: Caller, params: unknown, body: Buffer) => unknown;
    const checked = check(CLIENT_CALLS[call].params as GenericSchema, params, method);
    const done = async () => {
      demandRight(who, CLIENT_CALLS[call].right);
      return serve({ peer, who }, checked, body);
    };
    return AUDITED.has(call) ? parts.audit.around(who, call, checked, done) : done();
  });
}
