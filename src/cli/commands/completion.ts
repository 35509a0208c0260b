import { FleetError } from '../../protocol/errors.ts';
import type { Command } from '../command.ts';

const SHELLS = ['bash', 'zsh', 'fish'];

export const completionCommand: Command = {
  name: 'completion',
  summary: 'Print a completion script for a shell.',
  synopsis: ['bash|zsh|fish'],
  operands: 'words',
  verbs: SHELLS.map((name) => ({ name, summary: `For ${name}` })),
  options: [],
  description: ['Prints a script with which a shell completes the commands and options of fleet.'],
  examples: [
    ['bash, in ~/.bashrc:', 'source <(fleet completion bash)'],
    ['zsh, in ~/.zshrc:', 'source <(fleet completion zsh)'],
    ['fish:', 'fleet completion fish > ~/.config/fish/completions/fleet.fish'],
  ],
  environment: [],
  seeAlso: ['fleet-help(1)'],
  async run({ verb }, io, commands) {
    if (verb === '') throw new FleetError('EUSAGE', `for which shell? fleet completion ${SHELLS.join('|')}`);
    const scripts = await import('../completion-scripts.ts');
    const script = { bash: scripts.bashScript, zsh: scripts.zshScript, fish: scripts.fishScript }[verb];
    io.stdout.write(script?.(commands) ?? '');
    return 0;
  },
};
