import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceNames } from '../../../src/cli/init/service-names.ts';

for (const [names, expected] of [
  [
    ['web', 'worker_2'],
    ['web', 'worker_2'],
  ],
  [
    ['web', 'web', 'web'],
    ['web', 'web-2', 'web-3'],
  ],
  [
    ['my app!', '@acme/api'],
    ['my-app', 'acme-api'],
  ],
  [
    ['web-2', 'web', 'web'],
    ['web-2', 'web', 'web-3'],
  ],
  [
    ['', '???'],
    ['app', 'app-2'],
  ],
  [
    ['x'.repeat(40), 'x'.repeat(40)],
    ['x'.repeat(30), `${'x'.repeat(28)}-2`],
  ],
] as const) {
  test(`${names.map((name) => JSON.stringify(name)).join(', ')} become ${expected.join(', ')}`, () => {
    assert.deepEqual(serviceNames(names), expected);
  });
}
