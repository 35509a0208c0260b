import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CommandReader,
  refusalOf,
  refusalReport,
  successReport,
  tooMany,
} from '../../src/git/push-commands.ts';
import type { PushHead } from '../../src/git/push-head.ts';
import { command, FLUSH } from '../fixtures/push.ts';

const ZERO = '0'.repeat(40);
const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];

/** The packets of an answer, without their lengths; null for a flush. */
function packetsOf(answer: Buffer): (string | null)[] {
  const packets: (string | null)[] = [];
  for (let at = 0; at < answer.length; ) {
    const length = Number.parseInt(answer.toString('latin1', at, at + 4), 16);
    packets.push(length === 0 ? null : answer.toString('latin1', at + 4, at + length));
    at += length || 4;
  }
  return packets;
}

test("branches and tags belong to the pusher; of fleet's refs only the one named after its commit may be set", () => {
  const refused = (ref: string, after = A) => refusalOf({ ref, before: ZERO, after });
  for (const ref of ['refs/heads/main', 'refs/heads/a/b', 'refs/tags/v1', `refs/fleet/${A}`])
    assert.equal(refused(ref), null, ref);
  assert.equal(refused('refs/heads/main', ZERO), null, 'a branch may be deleted');
  assert.match(refused(`refs/fleet/${A}`, ZERO) ?? '', /stays/);
  assert.match(refused(`refs/fleet/${A}`, B) ?? '', /named after/);
  for (const ref of [
    'refs/notes/commits',
    'refs/fleet/main',
    `refs/fleet/${A}/x`,
    'refs/heads/',
    'refs/headsmain',
    'refs/pull/1/head',
  ])
    assert.match(refused(ref) ?? '', /only branches and tags/, ref);
});

test('a push may change so many refs', () => {
  const commands = (length: number) =>
    Array.from({ length }, () => ({ ref: 'refs/heads/a', before: ZERO, after: A }));
  assert.equal(tooMany(commands(5_000)), null);
  assert.match(tooMany(commands(5_001)) ?? '', /at most 5000 refs, and this one 5001/);
});

const head = (capabilities: string): PushHead => ({
  commands: [
    { ref: 'refs/notes/x', before: ZERO, after: A },
    { ref: 'refs/heads/main', before: ZERO, after: A },
  ],
  capabilities,
  isShallow: false,
  bytes: 0,
});

test('a refused push gets the reason for each of its refs', () => {
  assert.deepEqual(packetsOf(refusalReport(head(' report-status'))), [
    'unpack ok\n',
    'ng refs/notes/x only branches and tags are kept here\n',
    'ng refs/heads/main another ref of this push was refused\n',
    null,
  ]);
  assert.deepEqual(packetsOf(successReport(head(' report-status'))), [
    'unpack ok\n',
    'ok refs/notes/x\n',
    'ok refs/heads/main\n',
    null,
  ]);
});

test('the reply has the form that the client asked for', () => {
  assert.equal(refusalReport(head(' agent=git/2.39')).length, 0);
  const plain = successReport(head(' report-status'));
  const banded = packetsOf(successReport(head(' report-status side-band-64k')));
  assert.equal(banded.pop(), null);
  for (const band of banded) assert.equal(band?.[0], '\x01');
  assert.equal(banded.map((band) => band?.slice(1)).join(''), plain.toString('latin1'));
});

test("a report that exceeds a band's limit is sent in several", () => {
  const commands = Array.from({ length: 5_000 }, (_, n) => ({
    ref: `refs/heads/${n}`,
    before: ZERO,
    after: A,
  }));
  const plain = successReport({ commands, capabilities: 'report-status', isShallow: false, bytes: 0 });
  const banded = packetsOf(
    successReport({ commands, capabilities: 'report-status side-band-64k', isShallow: false, bytes: 0 }),
  );
  assert.equal(banded.pop(), null);
  assert.ok(banded.length > 1);
  for (const band of banded) assert.ok((band?.length ?? 0) + 4 <= 65_520);
  assert.equal(banded.map((band) => band?.slice(1)).join(''), plain.toString('latin1'));
});

const PUSH = Buffer.from(
  `${command('refs/heads/main', ZERO, A, 'report-status')}${command('refs/tags/v1')}${FLUSH}PACK and its bytes`,
);

/** The push in pieces of these lengths, and then the rest of it. */
function* pieces(bytes: Buffer, lengths: number[]): Generator<Buffer> {
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    if (at < bytes.length) yield bytes.subarray(at, at + length);
    at += length;
  }
}

test('git reads all of a permitted push, however it arrives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 })), async (lengths) => {
      const reader = new CommandReader();
      const through = pipeline(Readable.from(pieces(PUSH, lengths)), reader);
      const { commands } = await reader.commands;
      assert.deepEqual(
        commands.map(({ ref }) => ref),
        ['refs/heads/main', 'refs/tags/v1'],
      );
      assert.equal(reader.readableLength, 0, 'git has seen nothing yet');
      reader.pass();
      assert.ok((await buffer(reader)).equals(PUSH));
      await through;
    }),
    { numRuns: 50 },
  );
});

test('git sees nothing of a push that is not permitted, and its client can send all of it', async () => {
  const reader = new CommandReader();
  const through = pipeline(Readable.from(pieces(PUSH, [30])), reader);
  await reader.commands;
  reader.swallow();
  await through;
  assert.equal((await buffer(reader)).length, 0);
});

for (const [what, bytes, message] of [
  [
    'what is not a push',
    Buffer.concat([Buffer.from('GET / HTTP/1.1\r\n'), Buffer.alloc(100_000)]),
    /length is wrong/,
  ],
  ['a push that ends in its commands', PUSH.subarray(0, 60), /ends too early/],
  [
    'one that changes more refs than anybody has',
    Buffer.from(command('refs/heads/x').repeat(50_000)),
    /too many refs/,
  ],
] as const) {
  test(`${what} is read to its end, and is an error`, async () => {
    const reader = new CommandReader();
    const through = pipeline(Readable.from(pieces(bytes, [10, 20])), reader);
    await assert.rejects(reader.commands, { code: 'EPROTOCOL', message });
    await through;
    assert.equal((await buffer(reader)).length, 0);
  });
}

test('a push that is cut off is an error, and does not hang', async () => {
  const reader = new CommandReader();
  reader.write(PUSH.subarray(0, 20));
  reader.destroy();
  await assert.rejects(reader.commands, { code: 'EPROTOCOL', message: /cut off/ });
});
