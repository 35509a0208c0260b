import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Client } from '../../src/index.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { Answered } from '../../src/rpc/answered.ts';
import type { Incoming } from '../../src/rpc/incoming.ts';
import { FakeDrone } from '../fixtures/fake-drone.ts';
import { LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
let [honest, liar]: FakeDrone[] = [];
let owner: Client;
const COMMIT = 'c'.repeat(40);
const log = { id: '000001', repo: 'webapp', commit: COMMIT, command: ['x'], start: 0, end: 5, dropped: 0 };
const page = { from: 0, to: 5, start: 0, end: 5, dropped: 0, times: [] };

before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
  honest = await FakeDrone.join(fleet.address, SECRET, 'honest');
  liar = await FakeDrone.join(fleet.address, SECRET, 'liar');
  honest.answer = ({ method }) =>
    method === 'logs.list' ? { logs: [log] } : new Answered(page, Buffer.from('true\n'));
});
after(() => {
  for (const drone of [honest, liar]) drone?.peer.close();
  return fleet.end();
});

let reads = 0;
beforeEach(() => {
  reads = 0;
});

/** What it says of a log that it claims to have, at each read. */
function answering(
  read: (n: number) => [object, string],
  listed: object = { ...log, id: '000002', end: 1_000 },
) {
  return ({ method }: Incoming) => {
    if (method === 'logs.list') return { logs: [listed] };
    if (++reads > 100) throw new Error('asked for ever');
    const [result, body] = read(reads);
    return new Answered({ ...page, end: 1_000, ...result }, Buffer.from(body));
  };
}

const exited = (number: number) => ({ number, at: 0, time: 1, type: 'exited', code: 0, signal: null });

const LIES: Record<string, (order: Incoming) => unknown> = {
  'the same lines again and again': answering(() => [{ to: 2 }, 'x\n']),
  'the beginning of a line again and again': answering(() => [{ to: 1 }, 'x']),
  'that it goes on, with nothing': answering(() => [{ to: 2 }, '']),
  'ever more exits': answering((n) => [{ to: 0, marks: [exited(n)] }, '']),
  'that it went back': answering(() => [{ from: 9, to: 3 }, 'x\n']),
  'a log with an id that is none': answering(() => [{}, ''], { ...log, id: '../../etc' }),
  'that it cannot be read': answering(() => {
    throw new FleetError('EIO', 'the disk is gone');
  }),
  'times beyond all dates': answering(() => [{ to: 2, times: [[0, 9e15]] }, 'x\n']),
  'logs that are none': ({ method }) => (method === 'logs.list' ? { logs: 'many' } : null),
  nothing: () => null,
};

for (const [what, answer] of Object.entries(LIES))
  test(`a drone that says of its logs ${what} does not keep others from reading theirs`, async () => {
    assert.ok(liar);
    liar.answer = answer;
    const lines: string[] = [];
    let problems = 0;
    for await (const item of owner.logs({})) {
      if (item.kind === 'line') lines.push(new Date(item.time).toISOString() && item.line);
      if (item.kind === 'problem') assert.ok(++problems < 5, 'again and again');
    }
    assert.ok(lines.includes('true'), 'the other log');
    assert.ok(reads < 20, `${reads} reads`);
  });
