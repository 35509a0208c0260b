import type { Command } from '../command.ts';
import { CLIENT_OPTIONS, ENV_OPTION } from '../options.ts';

/** Those of the client options that a remote can keep. */
const KEPT = ['hub', 'secret', 'secret-file', 'ca', 'fingerprint'];

export const remoteCommand: Command = {
  name: 'remote',
  summary: 'Manage the set of remote hubs.',
  synopsis: [
    'add [NAME] --hub=HOST:PORT [--secret=SECRET] [--env.NAME=VALUE]... [--ca=FILE] [--fingerprint=sha256:HEX] [--global]',
    'rm [NAME] [--global]',
    'ls [--global]',
  ],
  operands: 'words',
  verbs: [
    { name: 'add', summary: 'Add a remote, or replace it' },
    { name: 'rm', aliases: ['remove'], summary: 'Remove a remote' },
    { name: 'ls', aliases: ['list'], summary: 'Print the remotes as JSON' },
  ],
  options: [
    ...CLIENT_OPTIONS.filter(({ name }) => KEPT.includes(name)).map((option) => ({
      ...option,
      verbs: ['add'],
    })),
    { ...ENV_OPTION, verbs: ['add'], help: 'A variable for every `spawn` and `exec` through this remote.' },
    { name: 'global', help: 'In your own configuration, for all checkouts, instead of in this one.' },
  ],
  description: [
    'A remote is a hub with a name, so that other commands need no `--hub` and `--secret`. The one that is called `default` is used when none is named; `+NAME` names another one.',
    '`add` writes it to `fleet.json` in the root of the git repository, or with `--global` to `~/.config/fleet/fleet.json`. One of that name is replaced; everything else in the file stays. NAME is `default` where it is left out.',
    'The file holds a secret. Only you can read it, and it should not be committed: put it into `.gitignore`.',
    '`rm` removes a remote. `ls` prints all of them as JSON, with their secrets.',
  ],
  examples: [
    ['The hub of this app:', 'fleet remote add default --hub=hub.example.com:7000 --secret=beepboop'],
    [
      'Another one, with a variable for all that runs there:',
      'fleet remote add staging --hub=10.0.0.7:7000 --secret-file=secret --env.NODE_ENV=staging\nfleet deploy +staging',
    ],
    ['Without it again:', 'fleet remote rm staging'],
  ],
  environment: [['XDG_CONFIG_HOME', 'Where `--global` keeps `fleet/fleet.json`; `~/.config` by default.']],
  seeAlso: ['fleet.json(5)', 'fleet-deploy(1)', 'fleet-token(1)'],
  async run(args, io) {
    const { add, list, remove } = await import('../remote-actions.ts');
    if (args.verb === 'add') await add(args, io);
    else if (args.verb === 'rm') remove(args, io);
    else list(args, io);
    return 0;
  },
};
