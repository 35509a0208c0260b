import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppFile } from '../../../src/app-file/app-file.ts';
import { appToml } from '../../../src/cli/init/app-toml.ts';

test('what was drafted is read from the text as it was, whatever is in its strings', () => {
  const odd = 'a "b" \\ \t \n \x7f \u0001 é 👍 \'';
  const toml = appToml(
    {
      release: 'node migrate.js',
      services: [
        { name: 'web', command: ['node', odd], count: 3, env: { ODD: odd } },
        {
          name: '1',
          command: 'node w.js',
          dir: 'a/b',
          memory: '300M',
          stop: { signal: 'SIGINT', grace: '3s' },
        },
      ],
      left: [],
    },
    { build: 'npm ci', cache: ['.npm'] },
  );
  const { deploy, services } = parseAppFile({ procfile: null, toml, stage: null });
  assert.deepEqual(deploy.cache, ['.npm']);
  assert.deepEqual(
    services.map(({ name, command, count, env, dir, memoryBytes, stop }) => ({
      ...{ name, command, count, env, dir, memoryBytes, stop },
    })),
    [
      {
        ...{ name: 'web', command: ['node', odd], count: 3, env: { ODD: odd }, dir: null, memoryBytes: null },
        stop: { signal: 'SIGTERM', graceMs: 30_000, waitMs: 0 },
      },
      {
        ...{
          name: '1',
          command: ['node', 'w.js'],
          count: 1,
          env: {},
          dir: 'a/b',
          memoryBytes: 300 * 2 ** 20,
        },
        stop: { signal: 'SIGINT', graceMs: 3000, waitMs: 0 },
      },
    ],
  );
});
