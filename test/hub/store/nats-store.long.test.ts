import { test } from 'node:test';
import { NatsStore } from '../../../src/hub/store/nats-store.ts';
import { borrowed, NatsServers } from '../../fixtures/nats.ts';
import { storeSuite } from './store-suite.ts';

const log = () => {};

if ('missing' in borrowed) test('a store in NATS', { skip: borrowed.missing }, () => {});
else
  for (const count of [1, 3] as const)
    storeSuite(`${count} nats-server`, async (t) => {
      const servers = await NatsServers.start(count);
      t.after(() => servers.end());
      return () => NatsStore.open({ servers: servers.urls.split(','), creds: null, name: 'h1', log });
    });
