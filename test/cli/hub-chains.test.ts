import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HubChains } from '../../src/cli/hub-chains.ts';
import { START, sealed } from '../../src/hub/audit/chain.ts';

/** The lines of a hub, as it stores them. */
function trail(who: string, count: number): string[] {
  let link = START;
  return Array.from({ length: count }, (_, n) => {
    const one = sealed(
      { time: new Date(n * 1_000).toISOString(), who, address: 'a', call: 'x', result: 'ok' },
      link,
    );
    link = one.link;
    return one.line;
  });
}

const ofHub = (hub: string) => (line: string) => `{"hub":"${hub}",${line.slice(1)}`;

function verdicts(lines: readonly string[]) {
  const chains = new HubChains({});
  for (const [n, line] of lines.entries()) chains.add(line, { file: 'f', line: n + 1 });
  return chains.end();
}

test('entries of several hubs in one file are a chain each', () => {
  const [h1, h2] = [trail('a', 3).map(ofHub('h1')), trail('b', 3).map(ofHub('h2'))];
  const mixed = h1.flatMap((line, n) => [line, h2[n] ?? '']);
  const { h1: first, h2: second } = verdicts(mixed);
  assert.deepEqual([first?.entries, first?.fault, second?.entries, second?.fault], [3, null, 3, null]);
  const { h1: still, h2: broken } = verdicts(mixed.toSpliced(3, 1));
  assert.equal(still?.fault, null);
  assert.deepEqual(broken?.fault, { file: 'f', line: 5, n: 2, why: 'it is missing' });
});

test('a file of a hub that is alone, and one with nothing in it', () => {
  assert.equal(verdicts(trail('a', 2))['']?.entries, 2);
  assert.deepEqual(verdicts([])['']?.entries, 0);
});
