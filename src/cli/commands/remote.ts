import type { Command } from '../command.ts';
import { CLIENT_OPTIONS, ENV_OPTION } from '../options.ts';

/** The client options that are stored in a remote. */
const KEPT = ['hub', 'secret', 'secret-file', 'ca', 'fingerprint'];

export const remoteCommand: Command = {
  name: 'remote',
  summary: 'Manage the set of remote hubs.',
  synopsis: [
    'add [NAME] --hub=HOST:PORT [--secret=SECRET] [--env.NAME=VALUE]... [--ca=FILE] [--fingerprint=sha256:HEX] [--global]',
    'rm [NAME] [--global]',
    'ls [--global]',
    'trust',
  ],
  operands: 'words',
  completes: 'remotes',
  verbs: [
    { name: 'add', summary: 'Add a remote, or replace it' },
    { name: 'rm', aliases: ['remove'], summary: 'Remove a remote' },
    { name: 'ls', aliases: ['list'], summary: 'Print the remotes as JSON' },
    { name: 'trust', summary: 'Agree to a fleet.json that others may have written' },
  ],
  options: [
    ...CLIENT_OPTIONS.filter(({ name }) => KEPT.includes(name)).map((option) => ({
      ...option,
      verbs: ['add'],
    })),
    { ...ENV_OPTION, verbs: ['add'], help: 'A variable for every `spawn` and `exec` through this remote.' },
    {
      name: 'global',
      verbs: ['add', 'rm', 'ls'],
      help: 'Uses your own configuration, which counts for all checkouts, instead of the one of this checkout.',
    },
  ],
  description: [
    'A remote is a hub with a name, so that other commands need no `--hub` and `--secret`. The remote `default` is used unless another one is named with `+NAME`.',
    '`add` writes it to `fleet.json` in the root of the git repository, or with `--global` to `~/.config/fleet/fleet.json`. A remote of the same name is replaced; everything else in the file is kept. The default NAME is `default`.',
    'The file contains a secret. Only you can read it, and it should not be committed: unless git ignores it already, `add` puts it into `.git/info/exclude`, and says so. `fleet deploy` and `fleet up` refuse a commit with a secret in its `fleet.json`.',
    'A `fleet.json` that git tracks, or that belongs to another user, is refused, because whoever wrote it chooses the hub that gets your secret and your commits. `trust` agrees to it: it prints its hubs, and remembers the file by its path and content, in `~/.config/fleet/trusted.json`. If the file changes, other than by `add` and `rm`, it is refused again.',
    'The secret of a remote is sent to the hub of that remote only, or to any of its hubs: `--hub` and `FLEET_HUB` with another address take no secret along.',
    '`rm` removes a remote. `ls` prints all remotes as JSON, with their secrets.',
  ],
  examples: [
    ['The hub of this app:', 'fleet remote add default --hub=hub.example.com:7000 --secret=beepboop'],
    [
      'Another hub, with a variable for everything that runs there:',
      'fleet remote add staging --hub=10.0.0.7:7000 --secret-file=secret --env.NODE_ENV=staging\nfleet deploy +staging',
    ],
    ['To remove it:', 'fleet remote rm staging'],
    ['To use a `fleet.json` that is in the repository:', 'cat fleet.json && fleet remote trust'],
  ],
  environment: [
    ['XDG_CONFIG_HOME', 'Where `--global` keeps `fleet/fleet.json`. The default is `~/.config`.'],
  ],
  seeAlso: ['fleet.json(5)', 'fleet-deploy(1)', 'fleet-token(1)'],
  async run(args, io) {
    const { add, list, remove, trust } = await import('../remote-actions.ts');
    if (args.verb === 'add') await add(args, io);
    else if (args.verb === 'rm') await remove(args, io);
    else if (args.verb === 'trust') trust(args, io);
    else list(args, io);
    return 0;
  },
};
