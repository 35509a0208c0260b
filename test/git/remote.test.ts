import assert from 'node:assert/strict';
import { test } from 'node:test';
import { access, hubRemote } from '../../src/git/remote.ts';

const PIN = `sha256:${'ab'.repeat(32)}`;

test("a hub's git service is at the hub's own address", () => {
  assert.deepEqual(hubRemote({ hub: 'hub.example.com:7000', secret: 's' }), {
    url: 'http://hub.example.com:7000',
    secret: 's',
  });
  assert.deepEqual(hubRemote({ hub: 'hub.example.com', secret: undefined }), {
    url: 'http://hub.example.com:7000',
    secret: '',
  });
  assert.equal(hubRemote({ hub: 'https://hub.example.com' }).url, 'https://hub.example.com:7000');
  assert.equal(hubRemote({ hub: '[::1]:7000' }).url, 'http://[::1]:7000');
});

test("the hub's CA or fingerprint is passed on, and problems with it are reported", () => {
  const { ca, pin } = hubRemote({ hub: 'https://hub:7000', ca: '/etc/ca.pem', fingerprint: PIN });
  assert.equal(ca, '/etc/ca.pem');
  assert.equal(pin, Buffer.alloc(32, 0xab).toString('base64'));
  assert.throws(() => hubRemote({ hub: 'https://hub:7000', fingerprint: 'sha256:xyz' }), { code: 'EUSAGE' });
  assert.throws(() => hubRemote({ hub: 'hub:99999' }), { code: 'EUSAGE' });
});

test("git's timeout is in whole seconds, and never 0", () => {
  const seconds = (timeout?: number) => hubRemote({ hub: 'hub:7000' }, timeout).timeout;
  assert.deepEqual([undefined, 1, 999, 1_000, 1_001, 10_000].map(seconds), [undefined, 1, 1, 1, 2, 10]);
});

test('the secret is in no argument', () => {
  const { args, env } = access({
    url: 'https://hub:7000',
    secret: 'a:b/c@d',
    ca: '/etc/ca.pem',
    pin: 'PIN=',
  });
  assert.ok(!args.join(' ').includes('a:b/c@d'));
  assert.ok(!args.join(' ').includes(Buffer.from('git:a:b/c@d').toString('base64')));
  assert.deepEqual(env, {
    HUB_AUTHORIZATION: `Authorization: Basic ${Buffer.from('git:a:b/c@d').toString('base64')}`,
  });
  assert.ok(args.includes('--config-env=http.extraHeader=HUB_AUTHORIZATION'));
});

test('a hub with its own certificate is recognized by its key, and by nothing else', () => {
  const settings = (remote: Parameters<typeof access>[0]) =>
    access(remote).args.filter((arg) => /^http\.(ssl|pinned)/.test(arg));
  const hub = { url: 'https://hub:7000', secret: 's' };
  assert.deepEqual(settings(hub), []);
  assert.deepEqual(settings({ ...hub, ca: '/etc/ca.pem' }), ['http.sslCAInfo=/etc/ca.pem']);
  assert.deepEqual(settings({ ...hub, pin: 'PIN=' }), [
    'http.sslVerify=false',
    'http.pinnedPubkey=sha256//PIN=',
  ]);
});

test('a hub that stalls is given up', () => {
  const time = (timeout?: number) =>
    access({ url: 'http://hub:7000', secret: 's', ...(timeout && { timeout }) }).args.find((arg) =>
      arg.startsWith('http.lowSpeedTime'),
    );
  assert.deepEqual([time(), time(3)], ['http.lowSpeedTime=60', 'http.lowSpeedTime=3']);
});
