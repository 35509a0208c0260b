import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { COMMAND_NAMES, loadCommand } from '../../src/cli/loaders.ts';

test('every command is loaded by its name, and nothing else is', async () => {
  assert.deepEqual(
    COMMAND_NAMES,
    COMMANDS.map(({ name }) => name),
  );
  for (const command of COMMANDS) assert.equal(await loadCommand(command.name), command);
  for (const name of ['nope', 'constructor', '']) assert.equal(await loadCommand(name), undefined, name);
});
