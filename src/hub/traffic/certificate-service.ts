import type { CERTIFICATE_CALLS } from '../../protocol/certificate-calls.ts';
import { certifiableHosts } from '../../protocol/certificates.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { Principal } from '../access/principal.ts';
import type { ClientSession } from '../client-session.ts';
import { visibleTo } from './followers.ts';
import type { Traffic } from './traffic.ts';

/** Returns the handlers of a proxy's calls about certificates. */
export function certificateHandlers(
  traffic: Pick<Traffic, 'table' | 'certificates' | 'upToDate' | 'settled'>,
  { who }: Pick<ClientSession, 'who'>,
): Handlers<typeof CERTIFICATE_CALLS> {
  const { certificates } = traffic;
  const hosts = async () => {
    await traffic.upToDate();
    return hostsOf(traffic.table, who);
  };
  const demand = async (host: string) => {
    if ((await hosts()).has(host)) return;
    throw new FleetError('EFORBIDDEN', `${host} is of no service that the token '${who.name}' may see`);
  };
  return {
    certificates: async () => ({ certificates: certificates.of([...(await hosts())]) }),
    'certificate.order': async ({ key, directory, hosts: wanted }) => {
      const own = await hosts();
      const allowed = wanted.filter((host) => own.has(host));
      const next = await certificates.order(key, allowed, directory);
      return { ...next, account: next.host === null ? null : await certificates.account(directory) };
    },
    'certificate.challenge': async ({ key, host, challenge }) => {
      await demand(host);
      await certificates.challenge(key, challenge);
      await traffic.settled();
      return null;
    },
    'certificate.keep': async ({ key, ...issued }) => {
      await demand(issued.host);
      await certificates.keep(key, issued);
      return null;
    },
    'certificate.failed': async ({ key, host, asked }) => ({
      wait: await certificates.failed(key, host, asked),
    }),
  };
}

/** Returns the hosts of services that somebody may see, as far as they can have a certificate of their own. */
function hostsOf(table: Pick<Traffic['table'], 'apps'>, who: Principal): Set<string> {
  const apps = Object.values(visibleTo(who, table.apps(null)));
  return new Set(apps.flatMap(({ services }) => certifiableHosts(services)));
}
