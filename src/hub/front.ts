import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { parseNetworks } from '../system/networks.ts';
import type { Access } from './access/access.ts';
import { Authenticator } from './access/authenticator.ts';
import { browserRefusal } from './access/browser-policy.ts';
import { Challenges } from './access/challenges.ts';
import type { PendingConnections } from './access/pending-connections.ts';
import { Proofs } from './access/proofs.ts';
import { RefusalLog } from './access/refusal-log.ts';
import { senderOf } from './access/sender.ts';
import type { ServedCertificate } from './access/served-certificate.ts';
import type { CountedDeeds } from './events/counted-deeds.ts';
import { noting } from './events/noting.ts';
import type { HubOptions } from './options.ts';
import type { Route, UpgradeRoute } from './route.ts';
import { Router } from './router.ts';

export interface FrontParts {
  /** Undefined if the hub has none. */
  secret: string | undefined;
  access: Access;
  served: Pick<ServedCertificate, 'publicKey'>;
  pending: PendingConnections;
  services: { routes: readonly Route[]; upgrades: readonly UpgradeRoute[]; deeds: CountedDeeds };
  log: (line: string) => void;
}

/** Makes what stands before all services of a hub, and lets in who may. Throws EUSAGE for a proxy that is no network. */
export function makeFront(
  { insecure = false, trustProxy = [] }: HubOptions,
  { secret, access, served, pending, services, log }: FrontParts,
): Router {
  const { deeds, routes, upgrades } = services;
  const { secrets, tokens, keys, passes, sessions } = access;
  const { wrongSecret, forbidden, invited } = noting(deeds);
  const refusals = new RefusalLog(log);
  const proofs = new Proofs({ keys, tokens, challenges: new Challenges(keys), served, invited });
  const proxies = parseNetworks(trustProxy);
  const addressOf = (request: IncomingMessage) => senderOf(request, proxies);
  return new Router({
    screen: (headers: IncomingHttpHeaders) => browserRefusal(headers, { secret, insecure }),
    authenticator: new Authenticator({
      ...{ secrets, tokens, proofs, passes, pending, refusals, wrongSecret, addressOf },
    }),
    hold: (who, end) => sessions.hold(who, end),
    ...{ addressOf, forbidden, refusals, routes, upgrades, log },
  });
}
