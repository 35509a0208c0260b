import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterFailure, nextOrder } from '../../../src/hub/traffic/certificate-orders.ts';
import { type HostRecord, NEW_HOST } from '../../../src/hub/traffic/certificate-records.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_700_000_000_000;
const AUTHORITY = 'https://ca/dir';

const withCertificate = (from: number, until: number): HostRecord => ({
  ...NEW_HOST,
  kept: { directory: AUTHORITY, fingerprint: '', from, until, chain: '', sealed: '' },
});

const next = (hosts: Record<string, HostRecord>, wanted: string[], until?: number) => {
  const order = until === undefined ? null : { key: 'k', host: 'x.org', until, challenges: [] };
  return nextOrder({ hosts, order }, wanted, AUTHORITY, NOW);
};

test('a host without a certificate is ordered for at once', () => {
  assert.deepEqual(next({}, ['a.org', 'b.org']), { host: 'a.org', wait: 0 });
});

test('nobody orders while another one does, until that has taken too long', () => {
  assert.deepEqual(next({}, ['a.org'], NOW + 1), { host: null, wait: 5_000 });
  assert.deepEqual(next({}, ['a.org'], NOW), { host: 'a.org', wait: 0 });
});

test('one that fails goes behind the others', () => {
  const failed = afterFailure(NEW_HOST, false, NOW - 31_000);
  assert.deepEqual(next({ 'a.org': failed }, ['a.org', 'b.org']), { host: 'b.org', wait: 0 });
  assert.deepEqual(next({ 'a.org': failed }, ['a.org']), { host: 'a.org', wait: 0 });
});

test('what is valid for long is not ordered, whatever a proxy thinks', () => {
  const hosts = { 'a.org': withCertificate(NOW - HOUR, NOW + 2 * HOUR) };
  assert.deepEqual(next(hosts, ['a.org']), { host: null, wait: HOUR });
  assert.deepEqual(next(hosts, []), { host: null, wait: HOUR });
});

test('what has failed is not tried again before its time, even if it is to be renewed', () => {
  const due = withCertificate(NOW - 3 * HOUR, NOW + HOUR);
  assert.equal(next({ 'a.org': due }, ['a.org']).host, 'a.org');
  assert.deepEqual(next({ 'a.org': afterFailure(due, true, NOW) }, ['a.org']), {
    host: null,
    wait: 15 * MINUTE,
  });
});

/** How often a host is tried within an hour, if each try fails at once. */
function triesWithin(hour: number, asked: boolean): number {
  let [record, now, tries] = [NEW_HOST, 0, 0];
  while (now < hour) {
    tries++;
    record = afterFailure(record, asked, now);
    now = record.notBefore;
  }
  return tries;
}

test('an authority is asked a handful of times in the first hour, and a few times a day', () => {
  assert.equal(triesWithin(HOUR, true), 3);
  assert.ok(triesWithin(24 * HOUR, true) <= 8);
});

test('what costs the authority nothing is tried more often', () => {
  assert.equal(triesWithin(HOUR, false), 7);
});
