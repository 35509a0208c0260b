import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pruneLines } from '../../src/cli/prune-text.ts';
import { FleetError } from '../../src/protocol/errors.ts';

const COMMIT = 'c'.repeat(40);
const REPORT = {
  drones: {
    web2: { checkouts: [], freed: 500_000 },
    web3: new FleetError('EPROTOCOL', 'its fleet 1.0.0 cannot remove old checkouts; upgrade it'),
    web1: { checkouts: [{ app: 'webapp', commit: COMMIT, bytes: 12_300_000 }], freed: 12_300_000 },
  },
  absent: {},
  repositories: 200_000,
};

test('each checkout is named with its drone and size, and what packing repositories has freed is apart', () => {
  assert.deepEqual(pruneLines(REPORT, false), {
    done: [
      `[web1] removed webapp/${COMMIT} (12.3 MB)`,
      'freed 12.3 MB of checkouts, and 700.0 kB by packing repositories',
    ],
    failed: ['[web3] its fleet 1.0.0 cannot remove old checkouts; upgrade it'],
  });
});

test('a dry run says what would go', () => {
  const { done } = pruneLines({ ...REPORT, repositories: 0 }, true);
  assert.deepEqual(done, [
    `[web1] would remove webapp/${COMMIT} (12.3 MB)`,
    'would free 12.3 MB of checkouts, and what packing the repositories frees',
  ]);
});

test('what a dry run says is what is freed then, but for packing', () => {
  const nothing = { drones: { web2: { checkouts: [], freed: 0 } }, absent: {}, repositories: 0 };
  assert.deepEqual(pruneLines(nothing, false).done, ['freed 0 bytes of checkouts']);
});
