import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portOf, wantsPort, withPort } from '../../../src/drone/instances/wanted-port.ts';
import type { ProcessSpec } from '../../../src/protocol/process.ts';
import { instanceSpec } from './instance-spec.ts';

const SPEC: ProcessSpec = {
  ...{ id: 'abcdef', key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
  ...{ command: ['node', 'server.js'], env: {} },
};

test('what is served and what asked for a port gets one, once', () => {
  const table: [Partial<ProcessSpec>, boolean, number | null][] = [
    [{}, false, null],
    [{ port: 'auto' }, true, null],
    [{ port: 20_000 }, false, 20_000],
    [{ instance: instanceSpec({ served: true, port: null }) }, true, null],
    [{ instance: instanceSpec({ served: true, port: 80 }) }, false, 80],
    [{ instance: instanceSpec({ served: false, port: null }), port: 'auto' }, false, null],
  ];
  for (const [more, wants, port] of table) {
    const spec = { ...SPEC, ...more };
    assert.deepEqual([wantsPort(spec), portOf(spec)], [wants, port], JSON.stringify(more));
    if (!wants) continue;
    assert.deepEqual([wantsPort(withPort(spec, 7)), portOf(withPort(spec, 7))], [false, 7]);
  }
});
