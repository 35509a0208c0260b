import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEATURES, featureHeaders, featuresOfHeaders } from '../../src/protocol/features.ts';

test('what one end names in its headers, the other one reads', () => {
  const features = featuresOfHeaders(featureHeaders('1.2.3-beta.1'));
  assert.equal(features.version, '1.2.3-beta.1');
  for (const feature of FEATURES) assert.ok(features.has(feature), feature);
});

test('a peer that names nothing, or nonsense, is the first fleet', () => {
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

test('features that this fleet does not know do no harm', () => {
  const features = featuresOfHeaders({ 'fleet-version': '2.0.0', 'fleet-features': 'teleport, exec-keys' });
  assert.ok(features.has('exec-keys'));
  assert.ok(!features.has('selections'));
});
