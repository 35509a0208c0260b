import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandOne, FLUSH, packet, remoteLine, reportBand, SideBands } from '../../src/git/side-band.ts';

const report = (...lines: string[]) => Buffer.concat([...lines.map((line) => packet(line)), FLUSH]);

test('a line for whoever pushes is a packet of the band for progress; an empty one only shows life', () => {
  assert.equal(remoteLine('hello').toString('latin1'), '000b\x02hello\n');
  assert.equal(remoteLine('').toString('latin1'), '0005\x02');
});

test("git's answer is taken apart in whatever pieces it comes", () => {
  const ours = report('unpack ok\n', 'ng refs/heads/main not now\n');
  const answer = Buffer.concat([remoteLine('one'), reportBand(ours), remoteLine('two'), FLUSH]);
  for (const size of [1, 3, 7, answer.length]) {
    const bands = new SideBands();
    const others: Buffer[] = [];
    for (let at = 0; at < answer.length; at += size) others.push(bands.add(answer.subarray(at, at + size)));
    assert.equal(
      String(Buffer.concat(others)),
      String(Buffer.concat([remoteLine('one'), remoteLine('two')])),
    );
    assert.equal(bands.refusal, 'not now');
  }
});

test('a long report is spread over packets that git takes', () => {
  const long = Buffer.alloc(150_000, 'x');
  const bands = new SideBands();
  assert.equal(bands.add(reportBand(long)).length, 0);
  const lengths: number[] = [];
  const packets = reportBand(long);
  for (let at = 0, length = 1; length > 0; at += length) {
    length = Number.parseInt(packets.toString('latin1', at, at + 4), 16);
    if (length > 0) lengths.push(length);
  }
  assert.equal(lengths.length, 3);
  assert.ok(lengths.every((length) => length <= 65_520));
});

for (const [what, lines, refusal] of [
  ['took everything', ['unpack ok\n', 'ok refs/heads/main\n'], null],
  [
    'could not unpack it',
    ['unpack index-pack failed\n', 'ng refs/heads/main unpacker error\n'],
    'unpacker error',
  ],
  ['could not unpack it, and says no more', ['unpack index-pack failed\n'], 'index-pack failed'],
  ['said nothing', [], null],
] as const) {
  test(`a git that ${what} has refused ${refusal ?? 'nothing'}`, () => {
    const bands = new SideBands();
    bands.add(reportBand(report(...lines)));
    assert.equal(bands.refusal, refusal);
  });
}

test('the first band of an answer is read packet by packet, in whatever pieces it comes', async () => {
  const answer = Buffer.concat([reportBand(Buffer.from('one')), reportBand(Buffer.from('two'))]);
  const [first, both] = [
    answer.subarray(0, 8),
    Buffer.concat([answer.subarray(0, 8), remoteLine('busy'), answer.subarray(12)]),
  ];
  for (const size of [1, 3, 7, both.length]) assert.deepEqual(await textsIn(both, size), ['one', 'two']);
  await assert.rejects(textsIn(first, 3), /cut off/);
  await assert.rejects(textsIn(answer.subarray(0, 6), 3), /cut off/);
  await assert.rejects(textsIn(packet(Buffer.from([3]), 'no such commit'), 5), /^Error: no such commit$/);
  await assert.rejects(textsIn(packet('ERR no'), 5), /not in bands/);
  await assert.rejects(textsIn(Buffer.from('<html>'), 6), /not in bands/);
});

async function textsIn(answer: Buffer, size: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const piece of bandOne(pieces(answer, size))) texts.push(String(piece));
  return texts;
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
