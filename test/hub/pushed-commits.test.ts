import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Deploys, Wanted } from '../../src/hub/deploys.ts';
import { EventLog } from '../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../src/hub/events/event-numbers.ts';
import { PushedCommits } from '../../src/hub/pushed-commits.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { Clock } from '../fixtures/clock.ts';
import { tokenWith } from '../fixtures/principal.ts';

/** A deploy that goes on until the test ends it. */
interface Deploy {
  commit: string;
  end(error?: Error): void;
}

let deploys: Deploy[];
let lines: string[];
let events: EventLog;
let pushed: PushedCommits;
beforeEach(() => {
  deploys = [];
  lines = [];
  events = new EventLog(new EventNumbers(0, () => {}));
  const deploy = ({ commit }: Wanted) =>
    new Promise<void>((resolve, reject) => {
      deploys.push({ commit, end: (error) => (error ? reject(error) : resolve()) });
    });
  pushed = new PushedCommits({ deploy } as unknown as Deploys, events, (line) => lines.push(line));
});

const who = tokenWith(['deploy']);
const push = (commit: string) => pushed.add({ repo: 'webapp', ref: 'refs/heads/main', commit }, who);
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a push is deployed, and the audit trail says who pushed what', async () => {
  push('c0ffee');
  await turn();
  assert.equal(deploys[0]?.commit, 'c0ffee');
  assert.deepEqual(lines, ['pushed webapp refs/heads/main c0ffee by ci from 127.0.0.1']);
  const { time, ...event } = events.since(0).events[0] ?? { time: 0 };
  assert.deepEqual(event, {
    type: 'pushed',
    seq: 1,
    repo: 'webapp',
    ref: 'refs/heads/main',
    commit: 'c0ffee',
    who: 'ci',
    address: '127.0.0.1',
  });
});

test('a push of many branches runs four deploys at once, in order, and a failed one makes room too', async () => {
  const commits = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const commit of commits) push(commit);
  await turn();
  const started = () => deploys.map(({ commit }) => commit).join('');
  assert.equal(started(), 'abcd');
  deploys[2]?.end();
  await turn();
  assert.equal(started(), 'abcde');
  deploys[0]?.end(new FleetError('EIO', 'the disk is full'));
  await turn();
  assert.equal(started(), 'abcdef');
  assert.equal(lines.at(-1), 'deploying webapp/a: the disk is full');
  assert.equal(events.last, 6, 'all of them were written down at once');
});

test('a deploy that takes longer than a minute holds up nobody', async (t) => {
  const clock = new Clock(t);
  for (const commit of ['a', 'b', 'c', 'd', 'e']) push(commit);
  const settled = async () => {
    for (let n = 0; n < 10; n++) await Promise.resolve();
  };
  await settled();
  clock.pass(59_999);
  await settled();
  assert.equal(deploys.length, 4);
  clock.pass(1);
  await settled();
  assert.equal(deploys.length, 5);
});
