import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createHub } from '../../src/hub/hub.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a hub starts with files in place of its folders, which are put aside, and says so', async (t) => {
  const dir = temporaryFolder(t);
  for (const folder of ['repos', 'apps']) writeFileSync(`${dir}/${folder}`, 'garbage');
  const lines: string[] = [];
  const hub = await createHub({ dir, host: '127.0.0.1', port: 0, log: (line) => lines.push(line) });
  await hub.close();
  const aside = (folder: string) =>
    `${dir}/${folder} was not a directory, and is now ${dir}/${folder}.broken`;
  assert.deepEqual(lines, [aside('repos'), aside('apps')]);
});
