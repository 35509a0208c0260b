import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demandSmall } from '../../src/drone/commit-limits.ts';

test('a commit with more files or bytes than a drone takes is refused, with the option that allows it', () => {
  const most = { files: 1_000, bytes: 1_000_000 };
  demandSmall(most, most, 'web1');
  const refused = (files: number, bytes: number, message: string) =>
    assert.throws(() => demandSmall({ files, bytes }, most, 'web1'), { code: 'ELIMIT', message });
  refused(
    1_001,
    1,
    'checkout: the commit has more than 1,000 files and directories; fleet drone --max-files on web1 allows more',
  );
  refused(
    1,
    1_000_001,
    'checkout: the commit has more than 1.0 MB of files; fleet drone --max-checkout on web1 allows more',
  );
});
