import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accountEnvironment,
  accountFor,
  commandAs,
  parseAccount,
} from '../../../src/drone/processes/user.ts';

const APP = { name: 'app', uid: 1001, gid: 1002, home: '/srv/app', shell: '/bin/bash' };

test('an account is read from its line of passwd', () => {
  assert.deepEqual(parseAccount('app:x:1001:1002:The app,,,:/srv/app:/bin/bash\n'), APP);
  assert.deepEqual(parseAccount('app:x:1001:1002:::'), { ...APP, home: '/', shell: '/bin/sh' });
  for (const line of ['', 'app', 'app:x:::::', ':x:1:1:::', 'app:x:-1:1:::'])
    assert.equal(parseAccount(line), null);
});

test('a command runs as its user with all groups, and unchanged as the drone’s own user', () => {
  assert.deepEqual(commandAs(APP, ['node', '--x', 'a b']), [
    ...['setpriv', '--reuid=1001', '--regid=1002', '--init-groups', '--'],
    ...['node', '--x', 'a b'],
  ]);
  assert.deepEqual(commandAs(null, ['node']), ['node']);
  assert.deepEqual(accountEnvironment(APP), {
    ...{ HOME: '/srv/app', USER: 'app', LOGNAME: 'app', SHELL: '/bin/bash' },
  });
  assert.deepEqual(accountEnvironment(null), {});
});

test('without a user, processes run as the drone’s own', async () => {
  assert.equal(await accountFor(null), null);
});

test('a drone that is not root runs everything as its own user', {
  skip: process.getuid?.() === 0 ? 'needs another user than root' : false,
}, async () => {
  assert.equal(await accountFor('no-such-user-at-all'), null);
});

test('a user that the system does not know is an error', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async () => {
  assert.equal((await accountFor('nobody'))?.name, 'nobody');
  for (const name of ['no-such-user-at-all', '0'])
    await assert.rejects(accountFor(name), { code: 'ESPAWN', message: `there is no user ${name} here` });
});
