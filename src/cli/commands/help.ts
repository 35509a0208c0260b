import type { Command } from '../command.ts';
import { note } from '../io.ts';

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
  async run({ words: [name = 'fleet'] }, io, commands) {
    const { findPage, showPage } = await import('../manual.ts');
    const page = findPage(name, commands);
    if (page) return showPage(page, io);
    note(io, `No manual entry for fleet ${name}`);
    return 1;
  },
};
