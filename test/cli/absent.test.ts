import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteAbsent } from '../../src/cli/absent.ts';
import { makeIo } from './world.ts';

test('each drone that is left out is named on standard error, with the consequence', () => {
  const io = makeIo('/');
  noteAbsent({ web1: 40, web2: 7300 }, 'left out', io);
  assert.equal(
    io.err,
    '[web1] not connected (lost 40s ago): left out\n[web2] not connected (lost 2h ago): left out\n',
  );
  assert.equal(io.out, '');
});
