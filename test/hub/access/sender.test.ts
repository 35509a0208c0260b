import assert from 'node:assert/strict';
import { test } from 'node:test';
import { senderOf } from '../../../src/hub/access/sender.ts';
import { parseNetworks } from '../../../src/system/networks.ts';

const proxies = parseNetworks(['127.0.0.1', '10.0.0.0/8', '2001:db8::/32']);
const cases: [what: string, from: string, named: string | undefined, sender: string][] = [
  ['nobody else is believed', '9.9.9.9', '1.1.1.1', '9.9.9.9'],
  ['a proxy is believed', '127.0.0.1', '1.1.1.1', '1.1.1.1'],
  ['and known by its plain address', '::ffff:10.1.2.3', '1.1.1.1', '1.1.1.1'],
  ['what a client has invented is not', '127.0.0.1', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
  ['proxies may stand in a row', '127.0.0.1', '6.6.6.6, 2001:db8::5,10.0.0.2', '6.6.6.6'],
  ['a proxy that says nothing is where it comes from', '127.0.0.1', undefined, '127.0.0.1'],
  ['so is one that says nonsense', '127.0.0.1', '1.1.1.1, nonsense', '127.0.0.1'],
  ['a client may be one of the proxies itself', '127.0.0.1', '10.0.0.2', '10.0.0.2'],
];

for (const [what, remoteAddress, named, sender] of cases)
  test(what, () => {
    const headers = named === undefined ? {} : { 'x-forwarded-for': named };
    assert.equal(senderOf({ headers, socket: { remoteAddress } }, proxies), sender);
  });
