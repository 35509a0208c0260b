import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditLine } from '../../../src/cli/commands/audit.ts';

test('an entry of the audit trail is printed as one line', () => {
  const entry = {
    time: '2026-01-01T00:00:00.000Z',
    who: 'ci',
    address: '10.0.0.1',
    call: 'deploy',
    result: 'ok',
  };
  assert.equal(auditLine(entry), '2026-01-01T00:00:00.000Z ci@10.0.0.1 deploy: ok');
  assert.equal(
    auditLine({ ...entry, repo: 'webapp' }),
    '2026-01-01T00:00:00.000Z ci@10.0.0.1 deploy {"repo":"webapp"}: ok',
  );
});
