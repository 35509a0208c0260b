import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OtherHub } from '../../../src/hub/cluster/other-hubs.ts';
import { NatsBus } from '../../../src/hub/store/nats-bus.ts';
import { NatsLink } from '../../../src/hub/store/nats-link.ts';
import { HUB_CALLS } from '../../../src/protocol/hub-calls.ts';
import { serve } from '../../../src/rpc/calls.ts';
import type { Peer } from '../../../src/rpc/peer.ts';
import { LinkedHub } from '../../fixtures/linked-hubs.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { borrowed, NatsServers } from '../../fixtures/nats.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;
const links: NatsLink[] = [];
const hubs: LinkedHub[] = [];
let servers: NatsServers;

before(async () => {
  if (!skip) servers = await NatsServers.start(3);
});
after(async () => {
  for (const hub of hubs) await hub.end();
  for (const link of links) await link.close();
  await servers?.end();
});

async function hubAt(server: number): Promise<LinkedHub> {
  const all = [server, ...[1, 2, 3].filter((n) => n !== server)].map((n) => servers.url(n));
  const link = await NatsLink.open({ servers: all, creds: null, name: `h${server}`, log: () => {} });
  links.push(link);
  const about = (_: OtherHub, peer: Peer) =>
    serve(
      peer,
      { about: HUB_CALLS.about },
      { about: () => ({ drones: server, repositories: 0, uptime: 0, leads: false }) },
    );
  const hub = new LinkedHub(`h${server}`, new NatsBus(link), about).start();
  hubs.push(hub);
  return hub;
}

test('hubs at different servers are linked, and again after one of the servers was killed', {
  skip,
}, async () => {
  const [h1, h2, h3] = [await hubAt(1), await hubAt(2), await hubAt(3)];
  // While the servers are finding each other, a link may end and be opened anew.
  const asks = (from: LinkedHub, to: string) =>
    eventually(
      async () => {
        const other = await from.to(to);
        const answer = await other.calls.call('about', {}, { timeout: 5_000 }).catch(() => null);
        return answer?.result.drones;
      },
      `${to} answers`,
      90_000,
    );
  assert.deepEqual(await Promise.all([asks(h1, 'h2'), asks(h3, 'h1'), asks(h3, 'h2')]), [2, 1, 2]);
  const before = await h2.to('h1');
  // The client goes to any of them.
  const at = links[0]?.connection?.getServer();
  await servers.kill([1, 2, 3].find((n) => servers.url(n).endsWith(`${at}`)) ?? 0);
  await before.gone;
  assert.deepEqual(await Promise.all([asks(h1, 'h2'), asks(h3, 'h1'), asks(h2, 'h1')]), [2, 1, 1]);
});
