import type { PushHandlers } from '../git/push-handlers.ts';
import type { GitServer } from '../git/server.ts';
import { messageOf } from '../protocol/errors.ts';
import { SECRET_ENDS_HEADER } from '../protocol/features.ts';
import type { Right } from '../protocol/rights.ts';
import type { Peer } from '../rpc/peer.ts';
import type { RpcServer } from '../rpc/server.ts';
import { refuseUpgrade } from '../system/http-refusal.ts';
import { OLD_SECRET, type Principal } from './access/principal.ts';
import type { Sessions } from './access/sessions.ts';
import { isLimited, type Shares } from './access/shares.ts';
import type { Audit } from './audit/audit.ts';
import type { ClientServiceParts } from './client-service.ts';
import { type DroneServiceParts, serveDrone } from './drones/drone-service.ts';
import type { Call, Route, UpgradeCall, UpgradeRoute } from './route.ts';
import { serveClient } from './serve-client.ts';

/** Who may fetch: readers, those who deploy, and drones. A refusal names the first one. */
const FETCH: readonly Right[] = ['read', 'deploy', 'release', 'drone'];
const PUSH: readonly Right[] = ['deploy', 'release'];

/** What a push of one branch adds to the audit trail, about. */
const PUSH_CHARACTERS = 500;

const repoOf = ({ params }: Pick<Call, 'params'>) => params['repo'] ?? '';
const fromOf = (call: Pick<Call, 'params' | 'who'>) => ({
  repo: repoOf(call),
  whose: isLimited(call.who.name) ? call.who.name : null,
});

/** Git over smart HTTP. `pushed` does what is done with what somebody pushes. */
export function gitRoutes(
  git: GitServer,
  pushed: { handlersFor(who: Principal): Omit<PushHandlers, 'until'> },
  audit: Pick<Audit, 'during'>,
  shares: Shares,
): Route[] {
  const repo = '^/(?<repo>[^/?]+?)(?:\\.git)?';
  return [
    {
      method: 'GET',
      path: new RegExp(`${repo}/info/refs\\?service=git-upload-pack$`),
      rights: FETCH,
      serve: (call) =>
        shares.during(call.who, 'fetches', () =>
          git.advertiseFetch(fromOf(call), call.request, call.response),
        ),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/git-upload-pack$`),
      rights: FETCH,
      serve: (call) =>
        shares.during(call.who, 'fetches', () => git.fetch(fromOf(call), call.request, call.response)),
    },
    {
      method: 'GET',
      path: new RegExp(`${repo}/info/refs\\?service=git-receive-pack$`),
      rights: PUSH,
      serve: (call) =>
        shares.during(call.who, 'fetches', () =>
          git.advertisePush(fromOf(call), call.request, call.response),
        ),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/git-receive-pack$`),
      rights: PUSH,
      serve: async ({ who, until, ...call }) => {
        const handlers = { ...pushed.handlersFor(who), until };
        const push = () => git.push(repoOf(call), call.request, call.response, handlers);
        await audit.during(who, { characters: PUSH_CHARACTERS, until }, () =>
          shares.during(who, 'pushes', push),
        );
      },
    },
  ];
}

/** Whoever comes with a secret that was replaced is told when it is refused. */
function headersFor({ name, expires }: Principal): string[] {
  if (name !== OLD_SECRET || expires === null) return [];
  return [`${SECRET_ENDS_HEADER}: ${new Date(expires).toISOString()}`];
}

/** The websockets of clients and drones. A client needs no right to connect: each of its calls needs one. */
export function peerRoutes(
  rpc: RpcServer,
  sessions: Sessions,
  parts: ClientServiceParts & DroneServiceParts,
): UpgradeRoute[] {
  const accept =
    (serve: (peer: Peer, who: Principal) => void) =>
    ({ who, request, socket, head }: UpgradeCall) => {
      let leave: () => void;
      try {
        leave = parts.shares.enter(who, 'connections');
      } catch (error) {
        return refuseUpgrade(socket, 503, messageOf(error));
      }
      socket.once('close', leave);
      const owner = isLimited(who.name) ? who.name : null;
      const { address } = who;
      rpc.accept({ request, socket, head, address, owner, headers: headersFor(who) }, (peer) => {
        sessions.add(peer, who);
        serve(peer, who);
      });
    };
  return [
    { path: /^\/v1\/client$/, rights: [], accept: accept((peer, who) => serveClient(peer, who, parts)) },
    { path: /^\/v1\/drone$/, rights: ['drone'], accept: accept((peer, who) => serveDrone(peer, who, parts)) },
  ];
}
