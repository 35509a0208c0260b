import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pm2Command } from '../../../src/cli/init/pm2-command.ts';

for (const [app, command] of [
  [{ script: 'server.js' }, 'node server.js'],
  [{ exec: './worker.py', args: '--fast 2' }, 'python3 ./worker.py --fast 2'],
  [{ script: 'bin/www' }, 'node bin/www'],
  [{ script: '/usr/bin/thing' }, '/usr/bin/thing'],
  [{ script: 'npm', args: 'run start' }, 'npm run start'],
  [{ script: 'a.js', interpreter: 'none' }, 'a.js'],
  [{ script: 'a.ts', interpreter: 'bun', node_args: ['--hot'] }, 'bun --hot a.ts'],
  [{ script: 'npm run start', args: ["it's"] }, "npm run start 'it'\\''s'"],
  [{ script: 'a.js', args: `--name "two words"` }, ['node', 'a.js', '--name', 'two words']],
  [{ script: 'a.js', args: ['$HOME'] }, ['node', 'a.js', '$HOME']],
  [{ script: ' ' }, undefined],
  [{}, undefined],
] as const) {
  test(`${JSON.stringify(app)} runs ${JSON.stringify(command)}`, () => {
    assert.deepEqual(pm2Command(app), command);
  });
}
