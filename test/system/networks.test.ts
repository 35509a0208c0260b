import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetworks } from '../../src/system/networks.ts';

test('networks are parsed', () => {
  const networks = parseNetworks(['10.0.0.0/8', '192.168.1.1', '2001:db8::/32']);
  for (const address of ['10.200.0.1', '192.168.1.1', '2001:db8::5'])
    assert.ok(networks.has(address), address);
  for (const address of ['11.0.0.1', '192.168.1.2', '2001:db9::5', ''])
    assert.ok(!networks.has(address), address);
  for (const wrong of ['10.0.0.0/33', 'example.com', '', '10.0.0'])
    assert.throws(() => parseNetworks([wrong]), { code: 'EUSAGE' }, wrong);
});
