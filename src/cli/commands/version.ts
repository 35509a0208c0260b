import { version } from '../../../package.json';
import type { Command } from '../command.ts';

export const versionCommand: Command = {
  name: 'version',
  summary: "Print fleet's version",
  synopsis: [''],
  operands: 'none',
  options: [],
  description: ['Prints the version of fleet. `fleet -v` and `fleet --version` do the same.'],
  examples: [['The version:', 'fleet version']],
  environment: [],
  seeAlso: [],
  async run(_args, io) {
    io.printFixed(`${version}\n`);
    return 0;
  },
};
