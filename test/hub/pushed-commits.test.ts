import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { GitPush } from '../../src/git/push-handlers.ts';
import type { BranchReleases } from '../../src/hub/apps/branch-releases.ts';
import type { Deploys, Wanted } from '../../src/hub/deploys.ts';
import { CountedDeeds } from '../../src/hub/events/counted-deeds.ts';
import { EventLog } from '../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../src/hub/events/event-numbers.ts';
import { commitsToDeploy, PushedCommits } from '../../src/hub/pushed-commits.ts';
import { FleetError, type WireError } from '../../src/protocol/errors.ts';
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
let failures: Record<string, WireError | null>;
beforeEach(() => {
  deploys = [];
  lines = [];
  failures = {};
  events = new EventLog(new EventNumbers(0, () => {}));
  const deploy = ({ commit }: Wanted) =>
    new Promise((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve({ drones: failures, absent: {} }));
      deploys.push({ commit, end });
    });
  const releases = { release: async () => ({ released: false, why: null }) } as unknown as BranchReleases;
  const log = (line: string) => void lines.push(line);
  const deeds = new CountedDeeds(events);
  pushed = new PushedCommits({ deploy } as unknown as Deploys, events, deeds, releases, log);
});

const who = tokenWith(['deploy']);
const one = (ref: string, commit: string): GitPush => ({ repo: 'webapp', ref: `refs/${ref}`, commit });
const push = (...commits: string[]) =>
  pushed.add(
    commits.map((commit) => one(`heads/${commit}`, commit)),
    who,
  );
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a push is deployed, and the audit trail says who pushed what', async () => {
  push('c0ffee');
  await turn();
  assert.equal(deploys[0]?.commit, 'c0ffee');
  assert.deepEqual(lines, ['pushed webapp refs/heads/c0ffee c0ffee by ci from 127.0.0.1']);
  const { time, ...event } = events.since(0).events[0] ?? { time: 0 };
  assert.deepEqual(event, {
    type: 'pushed',
    seq: 1,
    repo: 'webapp',
    ref: 'refs/heads/c0ffee',
    commit: 'c0ffee',
    who: 'ci',
    address: '127.0.0.1',
  });
});

test('a push of many branches runs four deploys at once, in order, and a failed one makes room too', async () => {
  push('a', 'b', 'c', 'd', 'e', 'f');
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

test('the log names each drone that could not deploy what was pushed', async () => {
  failures = { web1: null, web2: { code: 'EIO', message: 'the disk is full' } };
  push('c0ffee');
  await turn();
  deploys[0]?.end();
  await turn();
  assert.deepEqual(lines.slice(1), ['deploying webapp/c0ffee: [web2] the disk is full']);
});

test('what one push deploys: what it names, the default branch of many, and none of many tags', () => {
  const main = one('heads/main', 'a');
  const [side, fix] = [one('heads/side', 'b'), one('heads/fix', 'c')];
  const [v1, v2] = [one('tags/v1', 'd'), one('tags/v2', 'e')];
  const cases: [GitPush[], string][] = [
    [[], ''],
    [[v1], 'd'],
    [[side], 'b'],
    [[v1, v2], ''],
    [[side, main, fix], 'a'],
    [[one('heads/master', 'f'), main], 'a'],
    [[side, one('heads/master', 'f')], 'f'],
    [[side, fix], 'bc'],
    [[v1, side], 'b'],
    [[v1, main, v2], 'a'],
    [[side, one('heads/again', 'b')], 'b'],
  ];
  for (const [pushes, deployed] of cases) assert.equal(commitsToDeploy(pushes).join(''), deployed);
});

test('a push of many tags is logged, and deploys nothing', async () => {
  pushed.add([one('tags/v1', 'a'), one('tags/v2', 'b')], who);
  await turn();
  assert.deepEqual(deploys, []);
  assert.equal(lines.length, 2);
  assert.equal(events.last, 2);
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
