import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEATURES, featureHeaders, featuresOfHeaders } from '../../src/protocol/features.ts';

test('features in the headers of one end are read by the other', () => {
  const features = featuresOfHeaders(featureHeaders('1.2.3-beta.1'));
  assert.equal(features.version, '1.2.3-beta.1');
  for (const feature of FEATURES) assert.ok(features.has(feature), feature);
});

test('a peer that names no features, or nonsense, counts as the first fleet', () => {
  for (const headers of [
    {},
    { 'fleet-version': '', 'fleet-features': '' },
    { 'fleet-version': 'x'.repeat(100_000), 'fleet-features': ',,,' },
    { 'fleet-version': ['1', '2'], 'fleet-features': undefined },
  ]) {
    const features = featuresOfHeaders(headers);
    assert.equal(features.version, '1.0.0');
    for (const feature of FEATURES) assert.ok(!features.has(feature));
  }
});

test('unknown features do no harm', () => {
  const features = featuresOfHeaders({ 'fleet-version': '2.0.0', 'fleet-features': 'teleport, exec-keys' });
  assert.ok(features.has('exec-keys'));
  assert.ok(!features.has('selections'));
});
