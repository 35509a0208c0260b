import { type ClientCallRow, rowOf } from '../protocol/call-table.ts';
import { type CheckedClientParams, CLIENT_CALLS } from '../protocol/client-calls.ts';
import { serve } from '../rpc/calls.ts';
import type { Peer } from '../rpc/peer.ts';
import { type Asked, demandLimits } from './access/limits.ts';
import { demandCall, type Principal } from './access/principal.ts';
import { type ClientServiceParts, handlersOf } from './client-service.ts';
import { endOf, sessionOf } from './client-session.ts';
import { charactersOf, recorded, refused } from './events/called.ts';

/** Serves one client. Each call is checked for its right, then for its shape, before anything happens. */
export function serveClient(peer: Peer, who: Principal, parts: ClientServiceParts): void {
  const client = sessionOf(peer, who);
  const until = endOf(peer);
  serve(peer, CLIENT_CALLS, handlersOf(client, parts), {
    allow: (call) => {
      const row: ClientCallRow = rowOf(CLIENT_CALLS, call);
      try {
        demandCall(who, row);
      } catch (error) {
        if (row.audited) refused(parts.deeds, who, call, error);
        throw error;
      }
    },
    around: (call, params, make) =>
      parts.shares.during(who, 'calls', async () => {
        const checked = params as CheckedClientParams[typeof call];
        const { led, audited, right }: ClientCallRow = rowOf(CLIENT_CALLS, call);
        const act = led ? () => parts.appService.leader.call(client, call, checked, make) : make;
        try {
          demandLimits(who, call, checked as Asked, (name) => parts.directory.get(name));
        } catch (error) {
          if (audited) refused(parts.deeds, who, call, error);
          throw error;
        }
        if (!audited) return act();
        // What waits for drones to come back is not made for whoever may do it no longer by then.
        if (right !== 'admin') await parts.ready;
        const entry = { characters: charactersOf(checked), until };
        return parts.audit
          .during(who, entry, () => recorded(parts, who, call, checked, act))
          .finally(() => parts.relay?.flush());
      }),
  });
}
