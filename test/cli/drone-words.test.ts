import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabels, parseMinFree, parsePorts } from '../../src/cli/drone-words.ts';

test('labels are KEY=VALUE, and the last one of a key wins', () => {
  assert.deepEqual(parseLabels([]), {});
  assert.deepEqual(parseLabels(['role=web', 'zone=a=b', 'role=db', 'empty=']), {
    ...{ role: 'db', zone: 'a=b', empty: '' },
  });
  for (const word of ['role', '=web', 'a b=c', '-x=y', `k=${'v'.repeat(257)}`])
    assert.throws(() => parseLabels([word]), { code: 'EUSAGE', message: /--label=role=web$/ }, word);
  assert.throws(() => parseLabels(['role'], (label) => label), {
    message: 'role is not a label; write role=web',
  });
});

test('a range of ports has a first and a last one', () => {
  assert.deepEqual(parsePorts('20000-29999'), { first: 20000, last: 29999 });
  assert.deepEqual(parsePorts('8080-8080'), { first: 8080, last: 8080 });
  for (const text of ['', '8080', '0-10', '9-8', '1-65536', 'a-b', '1-2-3'])
    assert.throws(() => parsePorts(text), { code: 'EUSAGE', message: /--ports=20000-29999$/ }, text);
});

test('space to be kept free is a size, or a share of the disk', () => {
  const cases = [
    ['0', 0],
    ['512M', 536_870_912],
    ['5%', '5%'],
    ['0.5%', '0.5%'],
  ] as const;
  for (const [text, value] of cases) assert.equal(parseMinFree(text), value);
  for (const text of ['100%', '-5%', '5%%', '%'])
    assert.throws(() => parseMinFree(text), { code: 'EUSAGE', message: /--min-free=5%$/ }, text);
  assert.throws(() => parseMinFree('much'), { code: 'EUSAGE', message: /^--min-free=much is not a size/ });
});
