import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closeError, reasonBytes } from '../../src/rpc/close-reason.ts';

test('a reason always fits a close frame', () => {
  const characters = fc.constantFrom('x', 'ü', '€', '😀', '\ud83d');
  const text = fc.array(characters, { minLength: 20, maxLength: 200 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text, (reason) => {
      const cut = reasonBytes(reason);
      assert.ok(Buffer.byteLength(cut) <= 123, `${Buffer.byteLength(cut)} bytes`);
      assert.equal(Buffer.from(cut).toString(), cut, 'whole characters only');
    }),
    { seed: 7 },
  );
  for (const character of ['x', 'ü', '€', '😀']) {
    const cut = reasonBytes(character.repeat(123));
    assert.ok(cut.startsWith(character.repeat(30)) && Buffer.byteLength(cut) <= 123, character);
  }
});

test('a short reason is sent as it is', () => {
  for (const reason of ['', 'the hub is going away', 'auf Wiederhören, 再见'])
    assert.equal(reasonBytes(reason), reason);
});

test('the close code shows who is to blame, and its reason is printed', () => {
  const table: [number, string, string, string][] = [
    [1000, '', 'ECLOSED', 'the connection was lost (1000)'],
    [1000, 'closed', 'ECLOSED', 'closed'],
    [1001, 'the hub is going away', 'ECLOSED', 'the hub is going away'],
    [1005, '', 'ECLOSED', 'the connection was lost (1005)'],
    [1006, '', 'ECLOSED', 'the connection was lost (1006)'],
    [1011, 'out of memory', 'ECLOSED', 'out of memory'],
    [4001, 'this drone has connected again', 'ECLOSED', 'this drone has connected again'],
    [4003, 'the token has expired', 'ECLOSED', 'the token has expired'],
    [1002, '', 'EPROTOCOL', 'the other end hung up (1002)'],
    [1003, '', 'EPROTOCOL', 'the other end hung up (1003)'],
    [1007, 'not JSON', 'EPROTOCOL', 'not JSON'],
    [1008, 'too many calls at once', 'EPROTOCOL', 'too many calls at once'],
    [1009, '', 'EPROTOCOL', 'a message was too large'],
    [1009, 'no more than that', 'EPROTOCOL', 'no more than that'],
  ];
  for (const [code, reason, expected, message] of table) {
    const error = closeError(code, Buffer.from(reason));
    assert.deepEqual([error.code, error.message], [expected, message], `${code} ${reason}`);
  }
});

test('a reason cannot move the cursor, and one of control characters only is dropped', () => {
  const said = closeError(1001, Buffer.from('gone\u001b[31m\r\n\u009b2J\u007fnow\n'));
  assert.equal(said.message, 'gone [31m   2J now');
  assert.equal(closeError(1006, Buffer.from('\u0000\n\t')).message, 'the connection was lost (1006)');
  assert.equal(closeError(1001, Buffer.from([0xff, 0x41])).message, '\ufffdA', 'not UTF-8');
});
