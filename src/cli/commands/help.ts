import type { Command } from '../command.ts';
import { type Io, note } from '../io.ts';

export const helpCommand: Command = {
  name: 'help',
  summary: 'Show the manual page of a command.',
  synopsis: ['[COMMAND]'],
  operands: 'words',
  options: [],
  description: [
    'Opens the manual page of a command, as `fleet COMMAND --help` does, or prints its text where there is no `man`, or no terminal. Without a command, lists the commands.',
  ],
  examples: [
    ['The commands:', 'fleet help'],
    ['All about one of them:', 'fleet help deploy'],
    ["About fleet's own file:", 'fleet help fleet.json'],
  ],
  environment: [],
  seeAlso: ['man(1)'],
  run: ({ words: [name = 'fleet'] }, io) => showHelp(name, io),
};

/** Shows the page of a command, or the one of that name, and gives the exit status. */
export async function showHelp(what: Command | string, io: Io): Promise<number> {
  const { findPage, showPage } = await import('../manual.ts');
  const page = findPage(what);
  if (page) return showPage(page, io);
  note(io, `No manual entry for fleet ${what as string}`);
  return 1;
}
