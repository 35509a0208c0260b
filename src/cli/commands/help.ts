import type { Command } from '../command.ts';
import { note } from '../io.ts';

export const helpCommand: Command = {
  name: 'help',
  summary: 'Show the manual page of a command.',
  synopsis: ['[COMMAND]'],
  operands: 'words',
  options: [],
  description: [
    'Opens the manual page of a command, as `fleet COMMAND --help` does. Without `man`, or without a terminal, it prints the text of the page. Without a command, it lists the commands.',
  ],
  examples: [
    ['The commands:', 'fleet help'],
    ['A command:', 'fleet help deploy'],
    ['The file fleet.json:', 'fleet help fleet.json'],
  ],
  environment: [],
  seeAlso: ['man(1)'],
  async run({ words: [name = 'fleet'] }, io, commands) {
    const { findPage, showPage } = await import('../manual.ts');
    const page = findPage(name, await commands());
    if (page) return showPage(page, io);
    note(io, `No manual entry for fleet ${name}`);
    return 1;
  },
};
