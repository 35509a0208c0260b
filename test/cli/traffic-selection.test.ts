import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { demandService, ofApps, ofService } from '../../src/cli/traffic-selection.ts';

const traffic = (...services: string[]) => ({
  endpoints: [],
  services: services.map((service) => ({ service, routes: [] })),
});
const apps = { webapp: traffic('web', 'api'), 'webapp@pr-1': traffic('web'), shop: traffic('front') };

for (const [options, repo, chosen] of [
  [{}, undefined, ['webapp', 'webapp@pr-1', 'shop']],
  [{}, 'shop', ['shop']],
  [{ repo: ['webapp'] }, 'shop', ['webapp', 'webapp@pr-1']],
  [{ as: ['pr-1'] }, undefined, ['webapp@pr-1']],
  [{ repo: ['web'] }, undefined, []],
] as const)
  test(`${JSON.stringify(options)} at a remote of ${repo ?? 'all repositories'} means ${chosen.join(', ') || 'nothing'}`, () => {
    const args = new Arguments(
      '',
      [],
      new Map(Object.entries(options).map(([key, value]) => [key, [...value]])),
    );
    assert.deepEqual(Object.keys(ofApps(apps, args, repo)), chosen);
  });

test('a service is that of each app', () => {
  assert.deepEqual(ofService(apps, 'web'), {
    webapp: traffic('web'),
    'webapp@pr-1': traffic('web'),
    shop: traffic(),
  });
  assert.deepEqual(ofService(apps, undefined), apps);
});

test('a service that gets no requests is an error that says what was meant, or what there is', () => {
  demandService('api', apps);
  demandService(undefined, {});
  for (const [service, given, hint] of [
    ['wbe', apps, 'did you mean web?'],
    ['database', apps, 'there are: api, front, web'],
    ['web', {}, 'none does'],
  ] as const)
    assert.throws(() => demandService(service, given), {
      code: 'ENORELEASE',
      message: `no service called ${service} gets requests; ${hint}`,
    });
});
