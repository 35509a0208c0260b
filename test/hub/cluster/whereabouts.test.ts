import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { whereaboutsOf } from '../../../src/hub/cluster/whereabouts.ts';

const listening = {
  advertise: undefined,
  host: undefined,
  port: 7000,
  gport: 7001,
  fingerprint: null,
  hasTls: false,
};

test('a hub is reached at its machine, at the address that it listens on, or where it is told', () => {
  const cases = [
    [{}, `http://${hostname()}:7000`, `http://${hostname()}:7001`],
    [{ host: '127.0.0.1' }, 'http://127.0.0.1:7000', 'http://127.0.0.1:7001'],
    [{ host: '::1', hasTls: true }, 'https://[::1]:7000', 'https://[::1]:7001'],
    [
      { host: '0.0.0.0', advertise: 'https://h1.example.com:7443' },
      'https://h1.example.com:7443',
      'https://h1.example.com:7001',
    ],
  ] as const;
  for (const [more, advertise, git] of cases)
    assert.deepEqual(whereaboutsOf({ ...listening, ...more }), { advertise, git, fingerprint: null });
});

test('what is no address of a hub is refused', () => {
  for (const advertise of ['h1', 'ftp://h1', 'http://u:p@h1', 'http://h1/path'])
    assert.throws(() => whereaboutsOf({ ...listening, advertise }), { code: 'EUSAGE' }, advertise);
});
