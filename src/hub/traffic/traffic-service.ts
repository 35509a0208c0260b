import type { TRAFFIC_CALLS } from '../../protocol/traffic-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { demandRight } from '../access/principal.ts';
import type { ClientSession } from '../client-session.ts';
import { visibleTo } from './followers.ts';
import type { Traffic } from './traffic.ts';

/** Returns the handlers of a client's calls about traffic. */
export function trafficHandlers(traffic: Traffic, client: ClientSession): Handlers<typeof TRAFFIC_CALLS> {
  const { table, followers } = traffic;
  return {
    endpoints: async () => {
      await traffic.upToDate();
      return { apps: visibleTo(client.who, table.apps(null)) };
    },
    'endpoints.follow': async ({ drains, since }) => {
      if (drains) demandRight(client.who, 'proxy');
      await traffic.upToDate();
      const { hub, revision } = table;
      const whole = since?.hub !== hub || since.revision > revision;
      followers.add(client, drains);
      return { hub, revision, whole, apps: visibleTo(client.who, table.apps(whole ? null : since.revision)) };
    },
    'endpoints.confirm': ({ hub, revision }) => {
      if (hub === table.hub) followers.confirm(client, revision);
    },
    'endpoints.drained': ({ id }) => followers.drained(client, id),
  };
}
