import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connect } from '../../src/index.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import {
  type MixedFleet,
  NO_MIXED_FLEET,
  type PsEntry,
  VERSIONS,
  type Version,
  withMixedFleet,
} from '../fixtures/mixed-fleet.ts';
import { SECRET } from '../fixtures/real-fleet.ts';

type Json = Record<string, unknown>;

/** What may be the matter with a `run/ID.json` that can still be understood. */
const READABLE: Record<string, (text: string) => string> = {
  'has keys of a later version': (text) =>
    changed(text, (record) => ({
      ...record,
      later: { of: 'a later version' },
      spec: { ...(record['spec'] as Json), later: ['x'] },
    })),
  'lacks what is not needed': (text) => changed(text, ({ spec, run }) => ({ spec, run })),
  'does not say what runs': (text) => changed(text, ({ run: _, ...rest }) => rest),
};
/** And with one that cannot. */
const UNREADABLE: Record<string, (text: string) => string> = {
  'is cut in half': (text) => text.slice(0, text.length / 2),
  'is empty': () => '',
  'is nonsense': () => 'nonsense\0\n',
  'is JSON of something else': () => '[{"spec":null}]',
  'is of a version that is not known': (text) => changed(text, (record) => ({ ...record, version: 99 })),
};
const DAMAGES = { ...READABLE, ...UNREADABLE };

function changed(text: string, change: (record: Json) => Json): string {
  return JSON.stringify(change(JSON.parse(text)));
}

function change(file: string, how: (text: string) => string): void {
  writeFileSync(file, how(readFileSync(file, 'utf8')));
}

describe('state files that a drone or hub finds', { concurrency: 2, skip: NO_MIXED_FLEET }, () => {
  for (const hub of VERSIONS) {
    test(
      `no process dies because of a run/ID.json, whatever is in it; hub ${hub}`,
      withMixedFleet((fleet) => damageRecords(fleet, hub)),
    );
  }
  test('keys of a later version in any other file are ignored', withMixedFleet(addKeys));
  test(
    'labels cost no process its life when the drone is downgraded, and reappear after the upgrade',
    withMixedFleet(keepLabels),
  );
});

async function damageRecords(fleet: MixedFleet, hub: Version): Promise<void> {
  await fleet.as(hub).hub();
  const drone = await fleet.as('newer').drone('web1', '--quiet');
  const app = await fleet.app('webapp', { 'talk.js': 'console.log("hello"); setInterval(() => {}, 1000);' });
  appendFileSync(join(app, '.git/info/exclude'), 'fleet.json\n');
  const cli = (...args: string[]) => fleet.as('newer').run(args, { cwd: app });
  assert.equal((await cli('deploy')).code, 0);
  const found: { damage: string; id: string; pid: number }[] = [];
  for (const damage of Object.keys(DAMAGES)) {
    const id = await fleet.as('newer').spawn(app, 'web1', 'node', 'talk.js');
    found.push({ damage, id, pid: fleet.pidsOf(id)[0] ?? 0 });
  }
  await drone.end('SIGKILL');
  for (const { damage, id } of found)
    change(join(fleet.dir, 'web1/run', `${id}.json`), DAMAGES[damage] as (text: string) => string);
  await fleet.as('newer').drone('web1', '--quiet');

  for (const version of VERSIONS) {
    const shown = (await fleet.psJson(version, app))['web1'] ?? {};
    for (const { damage, id, pid } of found) {
      const what = `a record that ${damage}, ${version} client`;
      assert.deepEqual(fleet.pidsOf(id), [pid], what);
      // An older hub takes a status that it does not know for an error, so it is told another one.
      const status = damage in UNREADABLE && hub === 'newer' ? 'unknown' : 'running';
      const { repo, restarts, ...entry } = shown[id] as PsEntry;
      const known = { status: entry.status, pid: entry.pid, repo, file: entry.command.at(-1), restarts };
      assert.deepEqual(known, { status, pid, repo: 'webapp', file: 'talk.js', restarts: 0 }, what);
    }
  }
  const { id = '' } = found.find(({ damage }) => damage in UNREADABLE) ?? {};
  assert.equal((await cli('logs', id)).stdout, `[web1#${id}] hello\n`);
  const ids = found.map((one) => one.id);
  const stopped = await cli('stop', ...ids);
  assert.equal(stopped.stdout, `[web1] stopped ${ids.join(' ')}\n`, stopped.stderr);
  for (const one of ids) assert.deepEqual(fleet.pidsOf(one), []);
  assert.deepEqual(await fleet.psJson('newer', app), { web1: {} });
}

async function addKeys(fleet: MixedFleet): Promise<void> {
  const hub = await fleet.as('newer').hub();
  const drone = await fleet.as('newer').drone('web1', '--quiet');
  const app = await fleet.app('webapp', { 'talk.js': 'console.log("hello"); setInterval(() => {}, 1000);' });
  appendFileSync(join(app, '.git/info/exclude'), 'fleet.json\n');
  const cli = (...args: string[]) => fleet.as('newer').run(args, { cwd: app });
  assert.equal((await cli('deploy')).code, 0);
  const id = await fleet.as('newer').spawn(app, 'web1', 'node', 'talk.js');
  const logs = () => cli('logs', id);
  await eventually(async () => (await logs()).stdout === `[web1#${id}] hello\n`, 'it is logged');
  const token = (await cli('token', 'create', 'reader', '--can=read')).stdout.trim();
  const pids = fleet.pidsOf(id);
  await drone.end('SIGTERM');
  await hub.end('SIGTERM');
  for (const folder of ['hub', 'web1', 'web1/run', 'web1/log']) {
    for (const file of readdirSync(join(fleet.dir, folder)).filter((name) => name.endsWith('.json')))
      change(join(fleet.dir, folder, file), (text) => changed(text, (json) => ({ ...json, later: [1] })));
  }
  await fleet.as('newer').hub();
  await fleet.as('newer').drone('web1', '--quiet');
  assert.deepEqual(fleet.pidsOf(id), pids);
  assert.deepEqual(Object.keys(await fleet.psJson('newer', app)), ['web1']);
  assert.equal((await logs()).stdout, `[web1#${id}] hello\n`);
  assert.equal((await cli('ps', `--secret=${token}`)).code, 0);
  assert.equal((await cli('stop', id)).stdout, `[web1] stopped ${id}\n`);
}

async function keepLabels(fleet: MixedFleet): Promise<void> {
  await fleet.as('newer').hub();
  let drone = await fleet.as('newer').drone('web1', '--quiet');
  const app = await fleet.app('webapp', { 'talk.js': 'console.log("hello"); setInterval(() => {}, 1000);' });
  const { stdout } = await fleet.as('newer').run(['deploy'], { cwd: app });
  const commit = stdout.trim().split('/').at(-1) ?? '';
  const client = await connect({ hub: fleet.address, secret: SECRET });
  try {
    const labels = { service: 'web' };
    const found = async () => Object.keys((await client.ps({ labels }))['web1']?.processes ?? {});
    const { drones } = await client.spawn({ repo: 'webapp', commit, command: ['node', 'talk.js'], labels });
    const id = drones['web1']?.id ?? assert.fail('it is spawned');
    assert.deepEqual(await found(), [id]);
    const pids = fleet.pidsOf(id);
    for (const version of ['older', 'newer'] as const) {
      await drone.end('SIGKILL');
      drone = await fleet.as(version).drone('web1', '--quiet');
      assert.deepEqual(fleet.pidsOf(id), pids, `a drone of the ${version} version leaves it running`);
      assert.deepEqual(
        await found(),
        version === 'newer' ? [id] : [],
        'and knows its labels, or nothing of labels',
      );
    }
  } finally {
    client.close();
  }
}
