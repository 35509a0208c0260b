import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { schemaText } from '../../src/app-file/json-schema.ts';
import { ROOT } from '../fixtures/root.ts';

test('the schema for editors matches the keys: npm run man', () => {
  const shipped = readFileSync(join(ROOT, 'schema/fleet.toml.json'), 'utf8');
  assert.ok(shipped === schemaText(), 'schema/fleet.toml.json is not what npm run man makes');
});
