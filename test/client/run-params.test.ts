import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../src/client/link.ts';
import { demandChecked, runOf } from '../../src/client/run-params.ts';
import type { RunOptions } from '../../src/client/types.ts';

const COMMIT = 'c'.repeat(40);
const DRONES = [
  { name: 'web1', lost: null, labels: { kind: 'web' } },
  { name: 'web2', lost: 40, labels: { kind: 'web' } },
];

/** A hub with these drones, and the calls that it got. */
function hub() {
  const calls: string[] = [];
  const call = async (method: string) => {
    calls.push(method);
    return { result: { drones: DRONES } };
  };
  return { link: { call } as unknown as Link, calls };
}

const options = (drones: string[], more: Partial<RunOptions> = {}): RunOptions => ({
  command: ['true'],
  repo: 'app',
  commit: COMMIT,
  drones,
  ...more,
});

test('the hub is asked for its drones unless none or a single one is named', async () => {
  const table: [string[], string[], string[] | null, string | null][] = [
    [[], [], null, null],
    [['web1'], [], ['web1'], 'web1'],
    [['nope'], [], ['nope'], 'nope'],
    [['web1', 'web1'], ['drones'], ['web1'], null],
    [['*'], ['drones'], ['web1'], null],
    [['/^web/'], ['drones'], ['web1'], null],
    [['kind=web'], ['drones'], ['web1'], null],
  ];
  for (const [drones, asked, chosen, unchecked] of table) {
    const { link, calls } = hub();
    const run = await runOf(link, options(drones));
    assert.deepEqual([calls, run.params.drones, run.unchecked], [asked, chosen, unchecked], drones.join(' '));
  }
});

test('what no drone can be called is looked up, and the error names the drones that there are', async () => {
  for (const name of ['web*', '', 'a b', 'x.git'])
    await assert.rejects(runOf(hub().link, options([name])), {
      code: 'ENODRONE',
      message: /there are: web1/,
    });
});

test('lost drones among those that are meant are left out, or with --strict an error', async () => {
  assert.deepEqual((await runOf(hub().link, options(['*']))).absent, { web2: 40 });
  await assert.rejects(runOf(hub().link, options(['*'], { strict: true })), {
    code: 'ENODRONE',
    message: /not connected: web2 \(lost 40s ago\)/,
  });
});

test('a name that turns out to be of no drone, or of a lost one, is the same error as if it had been looked up', async () => {
  const refused = { error: { code: 'ENODRONE' } };
  const { link, calls } = hub();
  await assert.rejects(demandChecked(link, { unchecked: 'nope' }, { nope: refused }), {
    code: 'ENODRONE',
    message: "no drone matches 'nope'; there are: web1",
  });
  await assert.rejects(demandChecked(link, { unchecked: 'web2' }, { web2: refused }), {
    code: 'ENODRONE',
    message: 'the drone web2 is not connected (lost 40s ago)',
  });
  assert.deepEqual(calls.splice(0), ['drones', 'drones']);
  await demandChecked(link, { unchecked: 'web1' }, { web1: { error: null } });
  await demandChecked(link, { unchecked: 'web1' }, { web1: { error: { code: 'ENOCOMMIT' } } });
  await demandChecked(link, { unchecked: null }, { web1: refused });
  assert.deepEqual(calls, []);
});
