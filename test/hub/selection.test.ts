import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/hub/access/principal.ts';
import { KnownDrone } from '../../src/hub/drones/known-drone.ts';
import { EVERYTHING, matcherOf, pageOf, type Selection, selectProcesses } from '../../src/hub/selection.ts';
import { report } from '../fixtures/fake-drone.ts';

const owner = { repo: null } as Principal;
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

function drone(name: string, ...processes: Parameters<typeof report>[]): KnownDrone {
  const one = new KnownDrone(name, name);
  for (const [id, more] of processes) one.know(report(id, more));
  return one;
}

const drones = [
  drone('db', ['000003', { repo: 'stats', commit: A }]),
  drone('web1', ['000001', { commit: A, labels: { role: 'web' } }], ['000002', { commit: B }]),
  drone('web2', ['000001', { commit: B, labels: { role: 'web', zone: 'a' } }]),
];

const found = (select: Partial<Selection>, who = owner) => {
  const { byDrone, unknown } = selectProcesses(drones, { ...EVERYTHING, ...select }, who);
  return { ...Object.fromEntries(byDrone), unknown };
};

test('all given conditions must hold', () => {
  const cases: [Partial<Selection>, Record<string, string[]>][] = [
    [{}, { db: ['000003'], web1: ['000001', '000002'], web2: ['000001'] }],
    [{ repo: 'stats' }, { db: ['000003'] }],
    [{ commit: 'aaaa' }, { db: ['000003'], web1: ['000001'] }],
    [{ commit: 'aaaa', repo: 'webapp' }, { web1: ['000001'] }],
    [{ drones: ['web2', 'nobody'] }, { web2: ['000001'] }],
    [{ labels: { role: 'web' } }, { web1: ['000001'], web2: ['000001'] }],
    [{ labels: { role: 'web', zone: 'a' } }, { web2: ['000001'] }],
    [{ labels: { constructor: 'x' } }, {}],
    [{ ids: [{ drone: null, id: '000001' }] }, { web1: ['000001'], web2: ['000001'] }],
    [{ ids: [{ drone: 'web2', id: '000001' }] }, { web2: ['000001'] }],
    [{ repo: 'other' }, {}],
  ];
  for (const [select, expected] of cases)
    assert.deepEqual(found(select), { ...expected, unknown: [] }, JSON.stringify(select));
});

test('ids without a process are reported, and so are those that another condition excludes', () => {
  const ids = [
    { drone: null, id: '000002' },
    { drone: 'web2', id: '000002' },
    { drone: null, id: 'ffffff' },
  ];
  assert.deepEqual(found({ ids }), { web1: ['000002'], unknown: ['web2#000002', 'ffffff'] });
  assert.deepEqual(found({ ids: [{ drone: null, id: '000002' }], repo: 'stats' }), { unknown: ['000002'] });
  assert.deepEqual(found({ ids: [] }), { unknown: [] });
});

test('processes are returned in the order in which they were requested', () => {
  const ids = ['000002', '000001'].map((id) => ({ drone: 'web1', id }));
  assert.deepEqual(found({ ids }), { web1: ['000002', '000001'], unknown: [] });
});

test('what a caller may not see does not exist for them', () => {
  const stats = { repo: 'stats' } as Principal;
  assert.deepEqual(found({}, stats), { db: ['000003'], unknown: [] });
  assert.deepEqual(found({ ids: [{ drone: null, id: '000001' }] }, stats), { unknown: ['000001'] });
  const status = pageOf(drones, EVERYTHING, stats).drones;
  assert.deepEqual(Object.keys(status), ['db', 'web1', 'web2']);
  assert.deepEqual(status['web1']?.processes, {});
});

test('ps shows the selected drones, including those that run nothing', () => {
  const status = pageOf(drones, { ...EVERYTHING, drones: ['web2'], commit: 'aaaa' }, owner).drones;
  assert.deepEqual(Object.keys(status), ['web2']);
  assert.deepEqual(status['web2']?.processes, {});
});

test('ps comes in pages of whole drones, each behind the last one of the page before', () => {
  const pages: string[][] = [];
  let after: string | null = null;
  do {
    const page: ReturnType<typeof pageOf> = pageOf(drones, EVERYTHING, owner, { after, max: 1_600 });
    pages.push(Object.keys(page.drones));
    after = page.next;
  } while (after !== null);
  assert.deepEqual(pages, [['db', 'web1'], ['web2']]);
  const one = pageOf(drones, EVERYTHING, owner, { max: 1 });
  assert.deepEqual([Object.keys(one.drones), one.next], [['db'], 'db'], 'one drone at least');
  const some = { ...EVERYTHING, drones: ['web2', 'db'] };
  assert.deepEqual(Object.keys(pageOf(drones, some, owner, { after: 'db', max: 1 }).drones), ['web2']);
});

test('ps says of which service an instance is, and nothing of what was spawned by hand', () => {
  const instance = {
    ...{ app: 'webapp', service: 'web', slot: 1, release: 42, port: 20000, state: 'ready', why: null },
  };
  const one = drone('web1', ['000001', { instance, cpu: 3, memory: 1000 }], ['000002']);
  const { processes } = pageOf([one], EVERYTHING, owner).drones['web1'] ?? {};
  const { why: _, ...shown } = instance;
  const keys = ['app', 'service', 'slot', 'release', 'port', 'state', 'cpu', 'memory'] as const;
  const ofService = (id: string) => Object.fromEntries(keys.map((key) => [key, processes?.[id]?.[key]]));
  assert.deepEqual(ofService('000001'), { ...shown, cpu: 3, memory: 1000 });
  const none = { app: null, service: null, slot: null, release: null, port: null, state: null };
  assert.deepEqual(ofService('000002'), { ...none, cpu: null, memory: null });
});

test('a service, and a stage, select instances of apps', () => {
  const of = (app: string, service: string) => ({
    instance: { app, service, slot: 1, release: 1, port: null, state: 'up', why: null },
  });
  const one = drone(
    'web1',
    ['000001', of('webapp', 'web')],
    ['000002', of('webapp@pr-12', 'web')],
    ['000003', of('webapp', 'worker')],
    ['000004'],
  );
  const cases: [Partial<Selection>, string[]][] = [
    [{ service: 'web' }, ['000001', '000002']],
    [{ stage: '' }, ['000001', '000003']],
    [{ stage: 'pr-12' }, ['000002']],
    [{ service: 'web', stage: '' }, ['000001']],
    [{ service: 'cron' }, []],
  ];
  for (const [select, expected] of cases) {
    const { byDrone } = selectProcesses([one], { ...EVERYTHING, ...select }, owner);
    assert.deepEqual(byDrone.get('web1') ?? [], expected, JSON.stringify(select));
  }
});

test('a log is matched as a process is', () => {
  const matches = matcherOf({ ...EVERYTHING, repo: 'webapp', ids: [{ drone: 'web1', id: '000001' }] });
  assert.ok(matches('web1', { id: '000001', repo: 'webapp', commit: A }));
  assert.ok(!matches('web2', { id: '000001', repo: 'webapp', commit: A }));
  assert.ok(!matches('web1', { id: '000001', repo: 'stats', commit: A }));
});
