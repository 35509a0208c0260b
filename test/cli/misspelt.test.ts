import assert from 'node:assert/strict';
import { test } from 'node:test';
import { misspelt } from '../../src/cli/misspelt.ts';

const file = (remotes: Record<string, object>, content: Record<string, unknown> = { remote: remotes }) => ({
  path: '/app/fleet.json',
  remotes,
  content,
});

const TABLE: [what: string, files: ReturnType<typeof file>[], hint: string][] = [
  ['nothing', [], ''],
  ['what is right', [file({ default: { hub: 'h:1', secret: 's', env: {} } })], ''],
  ['keys of the user', [file({}, { scripts: {}, note: '' })], ''],
  ['keys of the user beside the right ones', [file({}, { remote: {}, remotes: {} })], ''],
  ['remotes', [file({}, { remotes: {} })], '/app/fleet.json has "remotes"; did you mean "remote"?'],
  ['Remote', [file({}, { Remote: {} })], '/app/fleet.json has "Remote"; did you mean "remote"?'],
  ['hubs', [file({ a: { hubs: 'h:1' } })], '/app/fleet.json has "hubs"; did you mean "hub"?'],
  [
    'in the second file',
    [file({}), file({}, { remots: {} })],
    '/app/fleet.json has "remots"; did you mean "remote"?',
  ],
];

for (const [what, files, hint] of TABLE)
  test(`mistyped keys of a fleet.json: ${what}`, () => assert.equal(misspelt(files), hint));
