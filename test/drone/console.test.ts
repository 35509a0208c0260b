import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventLine, showOutput } from '../../src/drone/console.ts';
import type { Logs } from '../../src/drone/logs/logs.ts';
import type { StreamOptions } from '../../src/drone/logs/stream.ts';
import type { DroneEvent, Interest, OutputPiece } from '../../src/protocol/events.ts';
import { MAX_PIECE_BYTES } from '../../src/protocol/limits.ts';

const C = 'c'.repeat(40);
const PROCESS = { id: '1e99f4', repo: 'webapp', commit: C, command: ['sh', '-c', 'exit 3'] };

for (const [event, line] of [
  [{ type: 'deployed', repo: 'webapp', commit: C }, `(deployed webapp/${C})`],
  [{ type: 'spawned', ...PROCESS }, `(spawned 1e99f4#webapp.${C} : sh -c 'exit 3')`],
  [
    { type: 'exited', ...PROCESS, code: 3, signal: null },
    `(exited 1e99f4#webapp.${C} with code 3 from signal null: sh -c 'exit 3')`,
  ],
  [
    { type: 'exited', ...PROCESS, code: null, signal: null, error: 'sh: not found' },
    `(exited 1e99f4#webapp.${C} with sh: not found: sh -c 'exit 3')`,
  ],
  [{ type: 'stopped', ...PROCESS }, null],
] as [DroneEvent, string | null][]) {
  test(`a drone prints ${line?.replaceAll(C, 'COMMIT') ?? `nothing for ${event.type}`}`, () => {
    assert.equal(eventLine(event), line);
  });
}

/** The console of a drone whose output goes where the test says. */
function show(output: (lines: string) => boolean) {
  let options: StreamOptions | undefined;
  const interests: [Interest, boolean][] = [];
  showOutput(
    {
      stream: (given: StreamOptions) => {
        options = given;
      },
      setInterest: (_: unknown, interest: Interest, isResumed: boolean) =>
        interests.push([interest, isResumed]),
    } as unknown as Logs,
    output,
  );
  assert.ok(options);
  return { ...options, interests };
}
const piece = { id: '1e99f4', repo: 'webapp', commit: C, dropped: 0 } as OutputPiece;

test('each line of output says whose it is, and how many before it were dropped', () => {
  const lines: string[] = [];
  const console = show((text) => lines.push(text) > 0);
  console.emit(piece, Buffer.from('one\ntwo\n'));
  console.emit({ ...piece, dropped: 3 }, Buffer.from('six\n'));
  console.emit({ ...piece, dropped: 3, atLeast: true }, Buffer.from('ten\n'));
  console.emit(piece, Buffer.alloc(0));
  const prefix = `[1e99f4#webapp.${C}]`;
  assert.deepEqual(lines, [
    `${prefix} one\n${prefix} two\n`,
    `${prefix} … 3 lines dropped …\n${prefix} six\n`,
    `${prefix} … at least 3 lines dropped …\n${prefix} ten\n`,
  ]);
});

test('a line that comes in parts is one line, up to 4 MiB', () => {
  const lines: string[] = [];
  const console = show((text) => lines.push(text) > 0);
  const part = Buffer.alloc(MAX_PIECE_BYTES, 'x');
  for (const body of [part, part, Buffer.from('end\nnext\n'), Buffer.from('no end')])
    console.emit(piece, body);
  const prefix = `[1e99f4#webapp.${C}]`;
  const printed = lines.join('');
  assert.equal(printed, `${prefix} ${part}${part}end\n${prefix} next\n${prefix} no end\n`);
  for (let parts = 0; parts < 17; parts++) console.emit(piece, part);
  assert.equal(lines.join('').length - printed.length, prefix.length + 2 + 4 * 1024 * 1024);
});

test('the console reads everything, from where the previous drone stopped, and waits while its output is full', () => {
  let isFull = true;
  const console = show(() => !isFull);
  assert.deepEqual(console.interests, [[{ all: true, ids: [], repos: [] }, true]]);
  assert.equal(console.hasRoom(), true);
  console.emit(piece, Buffer.from('one\n'));
  assert.equal(console.hasRoom(), false);
  isFull = false;
  assert.equal(console.hasRoom(), true);
});
