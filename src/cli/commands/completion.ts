import { FleetError } from '../../protocol/errors.ts';
import { APP_OPTIONS } from '../app-options.ts';
import type { Command } from '../command.ts';
import { say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

const SHELLS = ['bash', 'zsh', 'fish'];

export const completionCommand: Command = {
  name: 'completion',
  summary: 'Print a completion script for a shell.',
  synopsis: [
    'bash|zsh|fish',
    'words drones|ids|refs|releases|remotes|repos|services|stages|variables [--as=STAGE] [+REMOTE]',
  ],
  operands: 'words',
  verbs: [
    ...SHELLS.map((name) => ({ name, summary: `For ${name}` })),
    { name: 'words', summary: 'What a script asks for' },
  ],
  options: [...APP_OPTIONS, ...CLIENT_OPTIONS].map((option) => ({ ...option, verbs: ['words'] })),
  description: [
    'Prints a script with which a shell completes the commands and options of fleet, and what belongs into these: drones, ids of processes, releases, services, stages, repositories and the names of variables, which it asks the hub for, and remotes, branches and tags. If the hub has not answered within a second, nothing is offered. Files are only where a file belongs, and in the command line of another program.',
    '`words` is what the scripts call: it prints what there is, a line for each.',
  ],
  examples: [
    ['bash, in ~/.bashrc:', 'source <(fleet completion bash)'],
    ['zsh, in ~/.zshrc:', 'source <(fleet completion zsh)'],
    ['fish:', 'fleet completion fish > ~/.config/fish/completions/fleet.fish'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-help(1)'],
  async run(args, io, commands) {
    const { verb } = args;
    if (verb === 'words') {
      const { completionWords } = await import('../completion-words.ts');
      for (const word of await completionWords(args, io)) say(io, word);
      return 0;
    }
    if (verb === '') throw new FleetError('EUSAGE', `for which shell? fleet completion ${SHELLS.join('|')}`);
    const scripts = await import('../completion-scripts.ts');
    const script = { bash: scripts.bashScript, zsh: scripts.zshScript, fish: scripts.fishScript }[verb];
    io.stdout.write(script?.(await commands()) ?? '');
    return 0;
  },
};
