import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { droneCommand } from '../../src/cli/commands/drone.ts';
import { hubCommand } from '../../src/cli/commands/hub.ts';
import { ROOT } from '../fixtures/root.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What checks each row of the table: files of test/, and a part of a title in each. */
const TESTED: Record<string, [file: string, title: string][]> = {
  connections: [
    ['hub/access/shares.test.ts', 'a token has at most'],
    ['rpc/server.test.ts', 'connections are limited, in all and by address'],
  ],
  'calls under way': [
    ['hub/access/shares.test.ts', 'a token has at most'],
    ['rpc/peer.test.ts', 'too many calls at once end the connection'],
  ],
  'what calls under way have come with': [
    ['rpc/server.test.ts', 'calls of an owner wait while those under way have come with much'],
  ],
  'messages that are not whole yet': [
    ['rpc/server.test.ts', 'what arrives of messages that are not whole is limited'],
  ],
  'deploys, reads of logs at once': [
    ['security/budgets.long.test.ts', 'a flood of deploys is refused beyond a few'],
    ['security/budgets.long.test.ts', 'has so many reads of logs under way'],
    ['hub/logs.test.ts', 'of a token that have too many logs'],
  ],
  'processes, repositories, drones that are watched by name': [
    ['security/budgets.long.test.ts', 'what tokens watch'],
    ['hub/events/watched.test.ts', 'name 10,000 processes, repositories and drones at most'],
  ],
  'answers that are not read yet': [
    ['security/budgets.long.test.ts', 'calls of whoever reads no answers wait'],
    ['rpc/unread.test.ts', 'calls are held of a connection, or an owner'],
  ],
  'output that waits for those who watch': [
    ['hub/events/behind.test.ts', 'so is whoever has any if its token has 16'],
    ['hub/events/subscribers.test.ts', 'a slow reader loses output'],
  ],
  'all that waits for those who do not read': [
    ['rpc/unread.test.ts', 'until an owner, and all together, are within the limits'],
    ['rpc/server.test.ts', 'a peer that does not read what it asked for is disconnected'],
  ],
  'processor time at once': [
    ['rpc/turns.test.ts', 'one thing of many of one owner'],
    ['rpc/turns.test.ts', 'owners have their turns one after the other'],
    ['rpc/time-slice.test.ts', 'after ten milliseconds the rest waits'],
  ],
  'pushes, fetches at once': [
    ['security/budgets.long.test.ts', 'slow pushes of one token leave room'],
    ['security/budgets.long.test.ts', 'slow pushes of many tokens'],
    ['security/budgets.long.test.ts', 'clones of one token that nobody reads'],
  ],
  'gits that serve fetches': [
    ['security/budgets.long.test.ts', 'clones of one token that nobody reads'],
    ['system/fair-semaphore.test.ts', 'at most half of the places'],
  ],
  'answers of git that are kept for others': [['git/pack-cache.test.ts', 'what somebody still reads counts']],
  repositories: [['git/creators.test.ts', 'a token makes 200 repositories, tokens together 900']],
  'refs of a push': [
    ['security/budgets.long.test.ts', 'a push of tens of thousands of branches'],
    ['git/push-head.test.ts', 'more refs than anybody has'],
  ],
  'the pack of a push': [['security/git-limits.long.test.ts', 'a push that is too large is refused']],
  'memory of a git': [
    ['security/git-limits.long.test.ts', 'a small push that is large once git has put it together'],
    ['git/limits.test.ts', 'it has the limits, and is the first to go'],
  ],
  'memory of all gits together': [['git/memory.test.ts', 'together they stay within the total']],
  'processor time of a git': [['git/limits.test.ts', 'it has the limits, and is the first to go']],
  '`fleet.toml`, `Procfile`': [
    ['security/git-limits.long.test.ts', 'what a hub reads of a commit is limited'],
  ],
  'files of a commit': [
    ['security/git-limits.long.test.ts', 'with 100,000 files is not checked out'],
    ['git/commit-size.test.ts', 'the size of a commit'],
  ],
  'answers to `ps`': [['hub/selection.test.ts', 'ps comes in pages of whole drones']],
  'drones, and what they report': [
    ['security/drone-tokens.test.ts', 'newcomers of one token replace no drone'],
    ['security/drone-tokens.test.ts', 'cannot fill the memory of the hub'],
  ],
  "labels that a token's drone gives itself": [
    ['security/drone-claims.test.ts', 'leaves room for an answer about all drones'],
  ],
  'a drone that does not answer a deploy': [
    ['hub/deploys.test.ts', 'drones that do not answer keep none of the others waiting'],
  ],
};

const [, rows = ''] = /^## Budgets$[\s\S]*?\n\| --- .*\n([\s\S]*?)\n\n/m.exec(read('SECURITY.md')) ?? [];

test('each row of the table of budgets in SECURITY.md has a test', () => {
  const whats = rows.split('\n').map((row) => row.split('|')[1]?.trim() ?? '');
  assert.deepEqual(whats, Object.keys(TESTED));
  for (const [file, title] of Object.values(TESTED).flat())
    assert.ok(read(`test/${file}`).includes(title), `${file}: ${title}`);
});

test('each option that the table names is one of its command', () => {
  const named = [...rows.matchAll(/`fleet (hub|drone) --([\w-]+)`|, `--([\w-]+)`/g)];
  assert.ok(named.length >= 4);
  let command = '';
  for (const [, which, first, further] of named) {
    command = which ?? command;
    const { options = [] } = command === 'hub' ? hubCommand : droneCommand;
    assert.ok(
      options.some(({ name }) => name === (first ?? further)),
      `fleet ${command} --${first ?? further}`,
    );
  }
});
