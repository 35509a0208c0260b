import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomeOf, recordingExit, timeText } from '../../../src/drone/jobs/outcome.ts';
import type { LastExit } from '../../../src/protocol/process.ts';
import { fill, NO_SMALL_DISK, smallDisk } from '../../fixtures/small-disk.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

/** What the shell around it has written, how that ended, and what is said. */
const TABLE: [string | null, LastExit | null, string][] = [
  ['0\n', null, 'ok'],
  ['0\n', { code: 0, signal: null }, 'ok'],
  ['1\n', null, 'exited with code 1'],
  ['127\n', { code: 127, signal: null }, 'exited with code 127'],
  ['137\n', { code: 137, signal: null }, 'was ended by SIGKILL'],
  ['143\n', null, 'was ended by SIGTERM'],
  ['255\n', null, 'exited with code 255'],
  [null, { code: null, signal: 'SIGKILL' }, 'was ended by SIGKILL'],
  [null, { code: 3, signal: null }, 'exited with code 3'],
  [null, { code: 0, signal: null }, 'ok'],
  [null, null, 'ended, but nobody knows how'],
  ['', null, 'ended, but nobody knows how'],
  ['\0\0', { code: null, signal: null }, 'ended, but nobody knows how'],
];

for (const [written, exit, expected] of TABLE) {
  test(`${JSON.stringify(written)} and ${JSON.stringify(exit)}: ${expected}`, () => {
    const { state, why } = outcomeOf(written, exit);
    assert.equal(why ?? state, expected);
    assert.equal(state === 'ok', why === null);
  });
}

for (const [ms, text] of [
  [0, '0ms'],
  [500, '500ms'],
  [1_500, '1500ms'],
  [90_000, '90s'],
  [600_000, '10m'],
  [7_200_000, '2h'],
] as const) {
  test(`${ms} ms are ${text}`, () => assert.equal(timeText(ms), text));
}

const COMMANDS: [string[], string][] = [
  [['true'], '0\n'],
  [['sh', '-c', 'exit 7'], '7\n'],
  [['sh', '-c', 'kill -KILL $$'], '137\n'],
  [['sh', '-c', 'kill -TERM $PPID; kill -TERM $$'], '143\n'],
  [['no-such-command-at-all'], '127\n'],
  [['sh', '-c', 'test "$1" = "a  b" && test "$2" = "\\$x"', 'sh', 'a  b', '$x'], '0\n'],
];

for (const [command, expected] of COMMANDS) {
  test(`the exit status of ${command.join(' ')} is written to a file`, (t) => {
    const file = join(temporaryFolder(t), 'it is.exit');
    const [program = '', ...args] = recordingExit(command, file, '');
    spawnSync(program, args);
    assert.equal(readFileSync(file, 'utf8'), expected);
    assert.ok(!existsSync(`${file}.new`));
  });
}

test('the log has what the command prints, and nothing that the shell around it says', (t) => {
  const table: [string[], RegExp][] = [
    [['sh', '-c', 'echo own >&2; kill -TERM $$'], /^own\n$/],
    [['sh', '-c', 'kill -SEGV $$'], /^$/],
    [['no-such-command-at-all'], /no-such-command-at-all: .*not found/],
  ];
  for (const [command, said] of table) {
    const [program = '', ...args] = recordingExit(command, join(temporaryFolder(t), 'exit'), '');
    assert.match(spawnSync(program, args, { encoding: 'utf8' }).stderr, said);
  }
});

test('if the disk is full, the spare file is removed, so that the exit status can be written', {
  skip: NO_SMALL_DISK,
}, (t) => {
  const disk = smallDisk(t, '256k');
  const spare = join(disk, 'spare');
  writeFileSync(spare, Buffer.alloc(8192));
  fill(disk);
  const file = join(disk, '1e99f4.exit');
  const [program = '', ...args] = recordingExit(['sh', '-c', 'exit 7'], file, spare);
  assert.equal(spawnSync(program, args).status, 7);
  assert.equal(readFileSync(file, 'utf8'), '7\n');
  assert.ok(!existsSync(spare));
});

test('a link in the place of the unfinished exit file is not followed', (t) => {
  const dir = temporaryFolder(t);
  const [file, victim] = [join(dir, 'exit'), join(dir, 'victim')];
  writeFileSync(victim, 'precious');
  symlinkSync(victim, `${file}.new`);
  const [program = '', ...args] = recordingExit(['sh', '-c', 'exit 3'], file, '');
  assert.equal(spawnSync(program, args).status, 3);
  assert.deepEqual([readFileSync(file, 'utf8'), readFileSync(victim, 'utf8')], ['3\n', 'precious']);
});
