import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Callback, fleet as original } from '../src/legacy.ts';
import { LocalFleet, SECRET } from './fixtures/local-fleet.ts';

const SLEEPER = { 'sleep.js': 'setInterval(() => {}, 1000);' };

/** Waits for what a callback is given. */
function given<Result>(call: (callback: Callback<Result>) => void) {
  return new Promise<{ error: Error | null; result: Result | undefined }>((resolve) =>
    call((error, result) => resolve({ error, result })),
  );
}

test('a program of 2012 can list and stop processes, with ids in any form', async () => {
  const local = new LocalFleet();
  try {
    await local.startHub();
    await local.startDrone('web1');
    await local.startDrone('web2');
    const client = await local.connect();
    const dir = local.app('webapp', SLEEPER);
    const { commit } = await client.deploy({ dir });
    const command = ['node', 'sleep.js'];
    const spawn = async (drone: string) => {
      const { drones } = await client.spawn({ dir, drones: [drone], command });
      return drones[drone]?.id ?? '';
    };
    const [a, b, c] = [await spawn('web1'), await spawn('web1'), await spawn('web2')] as const;

    const old = original({ hub: local.address, secret: SECRET });
    const ps = await given(old.ps);
    assert.equal(ps.error, null);
    assert.deepEqual(Object.keys(ps.result ?? {}).sort(), ['web1', 'web2']);
    assert.deepEqual(Object.keys(ps.result?.['web1'] ?? {}).sort(), [a, b].sort());
    const { status, repo, commit: deployed, command: run } = ps.result?.['web2']?.[c] ?? assert.fail();
    assert.deepEqual(
      { status, repo, deployed, run },
      { status: 'running', repo: 'webapp', deployed: commit, run: command },
    );

    const one = await given<Record<string, string[]>>((callback) => old.stop(a, callback));
    assert.deepEqual(one, { error: null, result: { web1: [a] } });
    const two = await given<Record<string, string[]>>((callback) =>
      old.stop([`pid#${b}`, `web2#${c}`], callback),
    );
    assert.deepEqual(two, { error: null, result: { web1: [b], web2: [c] } });
    assert.deepEqual((await given(old.ps)).result, { web1: {}, web2: {} });
  } finally {
    await local.end();
  }
});

test('errors are the first argument of the callback, and have a code', async () => {
  const local = new LocalFleet();
  try {
    await local.startHub();
    await local.startDrone('web1');
    const code = async (secret: string, pid: string) => {
      const old = original({ hub: local.address, secret });
      const { error } = await given((callback) => old.stop(pid, callback));
      return (error as { code?: string } | null)?.code;
    };
    assert.equal(await code('wrong', '000000'), 'EAUTH');
    assert.equal(await code(SECRET, '000000'), 'ENOPROCESS');
    assert.equal(await code(SECRET, 'nonsense'), 'ENOPROCESS');
  } finally {
    await local.end();
  }
});
