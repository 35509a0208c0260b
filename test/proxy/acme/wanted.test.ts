import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantedCertificates } from '../../../src/proxy/acme/wanted.ts';

const AUTHORITY = 'https://ca/dir';
const NOW = 1_000_000;
const facts = (host: string, fingerprint: string, until: number) => ({
  ...{ host, fingerprint, directory: AUTHORITY, from: NOW - 300, until: until },
});
const apps = {
  webapp: {
    endpoints: [],
    services: [
      { service: 'web', routes: ['new.org', 'file.org', '*.new.org'].map((host) => ({ host, path: '/' })) },
      { service: 'api', routes: ['old.org', 'fine.org', 'new.org'].map((host) => ({ host, path: '/api' })) },
    ],
    certificates: [
      facts('old.org', 'aa', NOW),
      facts('fine.org', 'bb', NOW + 300),
      facts('gone.org', 'cc', NOW),
    ],
  },
};
const own = (prints: Record<string, string>) => ({
  hasFile: (host: string) => host === 'file.org',
  fingerprintOf: (host: string) => prints[host] ?? null,
});

test('what has none or an old one is due, what others have got is taken over, and the rest waits', () => {
  assert.deepEqual(wantedCertificates(apps, AUTHORITY, own({ 'old.org': 'aa' }), NOW), {
    stale: ['fine.org'],
    due: ['new.org', 'old.org'],
    next: NOW + 100,
  });
});

test('nothing is wanted when everything is there', () => {
  const { webapp } = apps;
  const fine = {
    webapp: { ...webapp, services: [{ service: 'web', routes: [{ host: 'fine.org', path: '/' }] }] },
  };
  assert.deepEqual(wantedCertificates(fine, AUTHORITY, own({ 'fine.org': 'bb' }), NOW), {
    ...{ stale: [], due: [], next: NOW + 100 },
  });
  assert.deepEqual(wantedCertificates({}, AUTHORITY, own({}), NOW), { stale: [], due: [], next: null });
});
