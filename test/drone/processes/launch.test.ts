import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessHook, Start } from '../../../src/drone/processes/hooks/hook.ts';
import { launch } from '../../../src/drone/processes/launch.ts';
import { ProcessTable } from '../../../src/drone/processes/process-table.ts';

const spec = {
  ...{ id: 'abcdef', key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
  ...{ command: ['sh', '-c', 'exit "$CODE"'], env: {} },
};
const table = new ProcessTable('launch-test');

/** A hook that notes what it sees, and adds what it is given. */
function hook(name: string, seen: string[], added: Partial<Start>): ProcessHook {
  return {
    beforeStart: (_, { cwd, env }) => {
      seen.push(`${name} before: ${cwd} ${Object.keys(env)}`);
      return added;
    },
    afterStart: ({ cwd, env }) => seen.push(`${name} after: ${cwd} ${Object.keys(env)}`),
  };
}

const start = (hooks: ProcessHook[], signal = new AbortController().signal) =>
  launch(spec, { hooks, table, boot: 'this boot' }, signal);

test('each hook adds to the start what earlier ones did not, and releases its own at the end', async () => {
  const seen: string[] = [];
  const { PATH = '' } = process.env;
  const { run, exited } = await start([
    hook('checkout', seen, { cwd: '/tmp' }),
    { afterExit: () => assert.fail('that is not the business of a start') },
    hook('environment', seen, { env: { PATH } }),
    hook('port', seen, { env: { CODE: '3' } }),
  ]);
  assert.deepEqual(seen, [
    ...['checkout before: / ', 'environment before: /tmp ', 'port before: /tmp PATH'],
    ...['port after: /tmp PATH,CODE', 'environment after: /tmp PATH,CODE', 'checkout after: /tmp PATH,CODE'],
  ]);
  assert.ok(run.pid > 0);
  // A drone does not wait for what it has started, so neither does node.
  const awake = setInterval(() => {}, 1000);
  const exit = await exited.finally(() => clearInterval(awake));
  assert.deepEqual(exit, { code: 3, signal: null });
});

test('if a hook throws, nothing starts: earlier hooks release theirs, and later ones are not called', async () => {
  const seen: string[] = [];
  const failing: ProcessHook = {
    beforeStart: () => {
      throw new Error('no room');
    },
    afterStart: () => assert.fail('it has opened nothing'),
  };
  await assert.rejects(start([hook('first', seen, {}), failing, hook('last', seen, {})]), {
    message: 'no room',
  });
  assert.deepEqual(seen, ['first before: / ', 'first after: / ']);
});

test('a missing command is ESPAWN, and every hook releases what it holds', async () => {
  const seen: string[] = [];
  await assert.rejects(start([hook('environment', seen, { env: { PATH: '/nowhere' } })]), { code: 'ESPAWN' });
  assert.deepEqual(seen.at(-1), 'environment after: / PATH');
});

test('a start that is cancelled calls no more hooks, and starts nothing', async () => {
  const seen: string[] = [];
  const given = new AbortController();
  const giveUp: ProcessHook = {
    beforeStart: () => {
      given.abort();
      return {};
    },
  };
  await assert.rejects(start([giveUp, hook('next', seen, {})], given.signal), { name: 'AbortError' });
  assert.deepEqual(seen, []);
});
