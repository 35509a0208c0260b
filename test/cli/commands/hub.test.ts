import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../../src/cli/arguments.ts';
import { hubOptions } from '../../../src/cli/hub-options.ts';

const options = (words: string[], values: Record<string, string>, env: NodeJS.ProcessEnv = {}) =>
  hubOptions(
    new Arguments('', words, new Map(Object.entries(values).map(([name, value]) => [name, [value]]))),
    { cwd: '/srv/hub', env },
  );

test('the port is an option or the first word, and files are relative to the directory', () => {
  const none = { dir: '/srv/hub', tls: false, insecure: false };
  assert.deepEqual(options([], {}), none);
  assert.deepEqual(options(['8000'], {}), { ...none, port: 8000 });
  assert.deepEqual(options([], { port: '0', gport: '9000', host: '::1' }), {
    ...none,
    port: 0,
    gport: 9000,
    host: '::1',
  });
  assert.deepEqual(options([], { cert: 'c.pem', key: '/k.pem' }), {
    ...none,
    cert: '/srv/hub/c.pem',
    key: '/k.pem',
  });
});

test('the secret from an option wins over the one from the environment', () => {
  const env = { FLEET_SECRET: 'of-env' };
  assert.equal(options([], { secret: '007' }, env).secret, '007');
  assert.equal(options([], {}, env).secret, 'of-env');
});

test('anything but a single port is a usage error', () => {
  for (const words of [['x'], ['65536'], ['-1'], ['1', '2']])
    assert.throws(() => options(words, {}), { code: 'EUSAGE' }, words.join(' '));
});
