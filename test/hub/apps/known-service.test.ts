import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustBeServices } from '../../../src/hub/apps/known-service.ts';

const file = { services: [{ name: 'web' }, { name: 'worker' }] } as never;

test('a service that an app does not have is an error that says what was meant, or what there is', () => {
  mustBeServices([], file, 'webapp');
  mustBeServices(['web', 'worker'], file, 'webapp');
  assert.throws(() => mustBeServices(['web', 'wrker'], file, 'webapp'), {
    code: 'ENORELEASE',
    message: 'webapp has no service wrker; did you mean worker?',
  });
  assert.throws(() => mustBeServices(['database'], file, 'webapp'), {
    code: 'ENORELEASE',
    message: 'webapp has no service database; there are: web, worker',
  });
});
