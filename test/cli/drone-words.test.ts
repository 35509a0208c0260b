import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabels, parsePorts } from '../../src/cli/drone-words.ts';

test('labels are KEY=VALUE, and the last one of a key wins', () => {
  assert.deepEqual(parseLabels([]), {});
  assert.deepEqual(parseLabels(['role=web', 'zone=a=b', 'role=db', 'empty=']), {
    ...{ role: 'db', zone: 'a=b', empty: '' },
  });
  for (const word of ['role', '=web', 'a b=c', '-x=y', `k=${'v'.repeat(257)}`])
    assert.throws(() => parseLabels([word]), { code: 'EUSAGE', message: /--label=role=web$/ }, word);
});

test('a range of ports has a first and a last one', () => {
  assert.deepEqual(parsePorts('20000-29999'), { first: 20000, last: 29999 });
  assert.deepEqual(parsePorts('8080-8080'), { first: 8080, last: 8080 });
  for (const text of ['', '8080', '0-10', '9-8', '1-65536', 'a-b', '1-2-3'])
    assert.throws(() => parsePorts(text), { code: 'EUSAGE', message: /--ports=20000-29999$/ }, text);
});
