import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGoingDown } from '../../src/system/shutdown.ts';

test('systemd says whether the machine goes down, or the services of a user; a first process ends with its container', async () => {
  const table: [number, NodeJS.ProcessEnv, string, boolean, string[]][] = [
    [7, {}, 'running\n', false, ['is-system-running']],
    [7, {}, 'degraded\n', false, ['is-system-running']],
    [7, {}, '', false, ['is-system-running']],
    [7, {}, 'stopping\n', true, ['is-system-running']],
    [7, { MANAGERPID: '600' }, 'stopping\n', true, ['--user', 'is-system-running']],
    [1, {}, 'running\n', true, []],
  ];
  for (const [pid, env, answer, isExpected, question] of table) {
    let asked: string[] = [];
    const isGoing = await isGoingDown({ pid, env }, async (args) => {
      asked = args;
      return answer;
    });
    assert.deepEqual([isGoing, asked], [isExpected, question]);
  }
});
