import type { Command, Option } from './command.ts';
import type { Page } from './man.ts';
import { CLIENT_ENVIRONMENT, NO_COLOR } from './options.ts';
import { summaryLines } from './summary-lines.ts';

const DEBUG = ['FLEET_DEBUG', 'If set to 1, errors are shown with their stack and causes.'] as const;

const COMPILE_CACHE = [
  'NODE_DISABLE_COMPILE_CACHE',
  'If set to 1, nothing is kept of what node has compiled. Otherwise it is kept in `~/.cache/fleet`, or in `fleet` of `XDG_CACHE_HOME`, so that commands start faster, unless others may write to that place.',
] as const;
const ENVIRONMENT: Page['environment'] = [...CLIENT_ENVIRONMENT, DEBUG, NO_COLOR, COMPILE_CACHE];

const EXIT_STATUS: Page['exitStatus'] = [
  ['0', 'Everything worked.'],
  ['1', 'Something failed, perhaps on some drones only. Standard error says what and why.'],
  ['2', 'The command line is wrong, or no hub was given.'],
];

/** fleet(1). */
export function fleetPage(commands: readonly Command[]): Page {
  return {
    name: 'fleet',
    section: 1,
    summary: 'deploy git commits to a group of servers and keep processes running on them',
    synopsis: ['fleet COMMAND [ARGUMENT]...', 'fleet help [COMMAND]'],
    description: [
      'A hub runs a control service and a git server. Drones are workers that connect to it. From the git checkout of an app, `fleet up` releases a commit as its Procfile and fleet.toml(5) say: it is built, started and checked, and replaces what ran before one by one, or changes nothing. By hand, you deploy a commit to all drones, start processes on them, and see what they do.',
      'The commands are:',
      summaryLines(commands).join('\n'),
      'Each has its own page: `fleet help COMMAND`. Any other command is looked up as an executable `fleet-COMMAND` on the PATH.',
      '`--name=VALUE` and `--name VALUE` mean the same. Results go to standard output, errors and progress to standard error.',
      'The hub is given by `--hub` and `--secret`, else by the remote of `--remote=NAME` or `+NAME`, else by `FLEET_HUB` and `FLEET_SECRET`, else by the remote `default` of fleet.json(5).',
      'Several hubs that are one, because they have the same `--cluster`, are given as a list, wherever a hub is named: `--hub=h1:7000,h2:7000,h3:7000`. A command begins with any of them, and goes on to the next if one refuses connections, or has not answered for a second. git uses the same one. `--timeout` is for all of them together.',
      "The hub is reached directly: neither fleet nor the git that it starts uses a proxy, whatever `HTTPS_PROXY` or git's `http.proxy` say. If only a proxy can reach the hub, forward a port through it, and use that port as the hub's.",
    ],
    options: [
      { term: '-h, --help', help: 'Lists the commands; after a command, shows its page.' },
      { term: '-v, --version', help: 'Prints the version.' },
    ],
    examples: [
      ['A hub, on a server:', 'fleet hub --port=7000 --secret=beepboop'],
      ['A drone, on each worker:', 'fleet drone --hub=hub.example.com:7000 --secret=beepboop'],
      [
        'In the git checkout of an app with a Procfile:',
        [
          'fleet remote add default --hub=hub.example.com:7000 --secret=beepboop',
          'fleet up',
          'fleet status',
          'fleet rollback',
        ].join('\n'),
      ],
      [
        'By hand:',
        ['fleet deploy', 'fleet spawn -- node server.js 8080', 'fleet ps', 'fleet stop pid#1e99f4'].join(
          '\n',
        ),
      ],
    ],
    exitStatus: EXIT_STATUS,
    environment: ENVIRONMENT,
    seeAlso: [...commands.map(({ name }) => `fleet-${name}(1)`), 'fleet.json(5)', 'fleet.toml(5)', 'git(1)'],
  };
}

/** fleet.json(5). */
export const FLEET_JSON_PAGE: Page = {
  name: 'fleet.json',
  section: 5,
  summary: 'the hubs that have a name',
  synopsis: ['fleet.json', '~/.config/fleet/fleet.json'],
  description: [
    'A JSON object whose key `remote` holds an object of remotes, by name. `fleet remote add` writes it and leaves other keys alone. The remote `default` is used if no other is named.',
    "It is looked up in the root of the git repository, then, for a worktree or submodule, in the checkout that it belongs to, and then in the user's own configuration, where `fleet remote add --global` writes it. The first one that has the remote counts.",
    'The file may contain secrets. It is readable by its owner only, and should not be committed. One that git tracks, or that belongs to another user, is refused until you have agreed to it by `fleet remote trust`.',
    'The secret of a remote is sent to its own hubs only, so `--hub` and `FLEET_HUB` with another address take none along.',
    'A remote has the keys listed under OPTIONS. All of them are optional.',
  ],
  options: [
    {
      term: 'hub',
      help: 'The address of the hub: `HOST:PORT`, or `https://HOST:PORT`; of several that are one, separated by commas.',
    },
    { term: 'secret', help: "The hub's secret, or a token." },
    {
      term: 'ca',
      help: 'A PEM file with the certificate authority to trust, relative to the directory of fleet.json.',
    },
    {
      term: 'fingerprint',
      help: "The hub's public key, as printed by `fleet hub --tls`; of several, in the order of `hub`, separated by commas.",
    },
    { term: 'repo', help: 'The name of the repository for `deploy`, `spawn` and `exec` without `--repo`.' },
    { term: 'env', help: 'An object with the variables for every `spawn` and `exec` through this remote.' },
  ],
  examples: [
    [
      'Two remotes:',
      JSON.stringify(
        {
          remote: {
            default: { hub: 'hub.example.com:7000', secret: 'beepboop' },
            staging: { hub: '10.0.0.7:7000', secret: '007', env: { NODE_ENV: 'staging' } },
          },
        },
        null,
        2,
      ),
    ],
  ],
  exitStatus: [
    ['1', 'The file is broken. The error names the file, line and column. It is not overwritten.'],
    ['2', 'No remote was named, and there is no `default`.'],
  ],
  environment: [
    ...CLIENT_ENVIRONMENT,
    ['XDG_CONFIG_HOME', "The directory of the user's own configuration. The default is `~/.config`."],
  ],
  seeAlso: ['fleet-remote(1)', 'fleet(1)'],
};

/** Returns an option as it is typed: `--drone=NAME`, `--env.NAME=VALUE`, `-n, --lines=N`. */
export function optionTerm({ name, short, value, pairs, otherwise }: Option): string {
  const argument = otherwise === undefined ? `=${value}` : `[=${value}]`;
  const long = pairs ? `--${name}.NAME=VALUE` : `--${name}${value ? argument : ''}`;
  return short ? `-${short}, ${long}` : long;
}

/** Returns the manual page of a command. */
export function pageOf(command: Command): Page {
  const { name, summary, synopsis, description, options, examples, environment, seeAlso } = command;
  const help = { term: '-h, --help', help: 'Shows this page.' };
  return {
    name: `fleet-${name}`,
    section: 1,
    summary: summary.replace(/\.$/, ''),
    synopsis: synopsis.map((form) => `fleet ${name}${form && ` ${form}`}`),
    description,
    options: [...options.map((option) => ({ term: optionTerm(option), help: option.help })), help],
    examples,
    exitStatus: command.exitStatus ?? EXIT_STATUS,
    environment: [...environment, DEBUG],
    seeAlso: [...seeAlso, 'fleet(1)'],
  };
}
