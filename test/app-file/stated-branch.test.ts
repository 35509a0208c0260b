import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statedBranch } from '../../src/app-file/stated-branch.ts';

test('the branch of a fleet.toml with a mistake is found in its text', () => {
  const table: [string, string | null][] = [
    ['[deploy]\nbranch = "main"\n[services.web]\ncuont = 2\n', 'main'],
    ["[deploy\n  branch='a/b' # releases\n", 'a/b'],
    ['deploy = { keep = 3, branch = "main" }\ncuont = 2\n', 'main'],
    ['deploy.branch = "main"\n', 'main'],
    ['[deploy]\n# branch = "main"\n', null],
    ['[deploy]\nbranch = 1\n', null],
    ['[env]\nMY_branch = "main"\n', null],
    ['', null],
  ];
  for (const [toml, branch] of table) assert.equal(statedBranch(toml), branch, toml);
});
