import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AppRecord } from '../../../src/hub/apps/app-record.ts';
import { AppStore } from '../../../src/hub/apps/app-store.ts';
import { KeptApp } from '../../../src/hub/apps/kept-app.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { makeApp } from './records.ts';

const APP = makeApp([]);
const nothing = () => {};
const addTo = (service: string) => (app: AppRecord) => ({
  next: { scale: { ...app.scale, [service]: (app.scale[service] ?? 0) + 1 } },
});

test('a change is stored before it is there, and the next is decided on what it has left', async (t) => {
  const dir = temporaryFolder(t);
  const store = new AppStore(new FileStore(dir, assert.fail), assert.fail);
  const said: string[] = [];
  const kept = new KeptApp({ app: APP, revision: 0 }, store, () => said.push('changed'));
  const first = kept.change((app) => ({ ...addTo('web')(app), stored: () => said.push('stored') }));
  const second = kept.change((app) => {
    said.push(`web ${app.scale['web']}`);
    return addTo('web')(app);
  });
  assert.deepEqual(kept.app.scale, {}, 'nothing is stored yet');
  await Promise.all([first, second]);
  assert.deepEqual(said, ['changed', 'stored', 'web 1', 'changed']);
  assert.deepEqual((await store.get('webapp'))?.app.scale, { web: 2 });
  assert.equal(await kept.change(() => null), null);
});

test('hubs that share a store lose nothing of what each other does', async (t) => {
  const services = fc.array(fc.tuple(fc.nat(2), fc.constantFrom('web', 'worker')), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(services, async (steps) => {
      const store = new AppStore(new FileStore(temporaryFolder(t), assert.fail), assert.fail);
      const hubs = [0, 1, 2].map(() => new KeptApp({ app: APP, revision: 0 }, store, nothing));
      await Promise.all(steps.map(([hub, service]) => hubs[hub]?.change(addTo(service))));
      await Promise.all(hubs.map((one) => one.reread()));
      const count = (service: string) => steps.filter((step) => step[1] === service).length;
      for (const { app } of hubs)
        for (const service of ['web', 'worker']) assert.equal(app.scale[service] ?? 0, count(service));
    }),
    { numRuns: 20 },
  );
});

test('what cannot be stored has not happened', async () => {
  const failing = new FleetError('EIO', 'the disk is full');
  const store = { get: async () => null, save: () => Promise.reject(failing), remove: async () => {} };
  const kept = new KeptApp({ app: APP, revision: 0 }, store, assert.fail);
  await assert.rejects(
    kept.change((app) => ({ ...addTo('web')(app), stored: () => assert.fail('it is not') })),
    failing,
  );
  assert.deepEqual(kept.app.scale, {});
  await assert.rejects(
    kept.change(() => {
      throw failing;
    }),
    failing,
  );
});

test('an app that another hub has removed is one of which nothing is known', async (t) => {
  const store = new AppStore(new FileStore(temporaryFolder(t), assert.fail), assert.fail);
  const hubs = [0, 1].map(() => new KeptApp({ app: APP, revision: 0 }, store, nothing));
  const [one, other] = hubs as [KeptApp, KeptApp];
  await one.change(addTo('web'));
  await other.reread();
  await one.change(addTo('web'));
  await assert.rejects(other.remove(), { code: 'ECONFLICT' });
  await one.remove();
  assert.equal(await store.get('webapp'), null);
  await other.change((app) => addTo('worker')(app));
  assert.deepEqual(other.app.scale, { worker: 1 });
});

test('a hub that is always too late says so in the end', async () => {
  const store = {
    get: async () => ({ app: APP, revision: 1 }),
    save: () => Promise.reject(new FleetError('ECONFLICT', 'x')),
    remove: async () => {},
  };
  const kept = new KeptApp({ app: APP, revision: 1 }, store, nothing);
  await assert.rejects(kept.change(addTo('web')), { code: 'ECONFLICT', message: /webapp; try again/ });
});
