import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TerminalModes } from '../../src/cli/terminal-modes.ts';

const ESC = '\x1b';

/** What is left to undo after a program has printed these pieces. */
function left(...pieces: string[]): string {
  const modes = new TerminalModes();
  for (const piece of pieces) modes.push(Buffer.from(piece, 'latin1'));
  return modes.undo();
}

test('what a program has tidied up, or never touched, is left alone', () => {
  for (const output of [
    'plain\r\n',
    `${ESC}[?1049h text ${ESC}[?1049l`,
    `${ESC}[?25l${ESC}[?25h`,
    `${ESC}[31mred${ESC}[0m`,
    `${ESC}[31mred${ESC}[m`,
    `${ESC}=${ESC}>`,
    `${ESC}[?12h${ESC}[?99999h`,
  ])
    assert.equal(left(output), '', JSON.stringify(output));
});

test('what it has left behind is undone, also if a sequence came in pieces', () => {
  const cases: [string[], string][] = [
    [[`${ESC}[?1049h${ESC}[?25l`], `${ESC}[?1049l${ESC}[?25h`],
    [[`${ESC}[?1000;1006h`], `${ESC}[?1000l${ESC}[?1006l`],
    [['x', ESC, '[', '?20', '04h'], `${ESC}[?2004l`],
    [[`${ESC}=`], `${ESC}>`],
    [[`${ESC}[1;31mred`], `${ESC}[0m`],
    [[`${ESC}[?7l`], `${ESC}[?7h`],
  ];
  for (const [output, undo] of cases) assert.equal(left(...output), undo, JSON.stringify(output));
});
