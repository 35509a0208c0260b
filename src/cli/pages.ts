import type { Command, Option } from './command.ts';
import type { Page } from './man.ts';
import { CLIENT_ENVIRONMENT } from './options.ts';

const DEBUG = ['FLEET_DEBUG', 'Set to 1, an error is shown with its stack and its causes.'] as const;

const ENVIRONMENT: Page['environment'] = [
  ...CLIENT_ENVIRONMENT,
  DEBUG,
  ['NO_COLOR', 'Set, nothing is coloured.'],
];

const EXIT_STATUS: Page['exitStatus'] = [
  ['0', 'All of it worked.'],
  ['1', 'It did not work, or not everywhere; standard error says what and why.'],
  ['2', 'The command line is wrong, or names no hub.'],
];

/** fleet(1). */
export function fleetPage(commands: readonly Command[]): Page {
  return {
    name: 'fleet',
    section: 1,
    summary: 'deploy git commits to a group of servers and keep processes running on them',
    synopsis: ['fleet COMMAND [ARGUMENT]...', 'fleet help [COMMAND]'],
    description: [
      'A hub runs a control service and a git server. Drones are workers that connect to it. From the git checkout of an app, one deploys a commit to all drones, starts processes on them, and sees what they do.',
      'The commands are:',
      commands.map(({ name, summary }) => `  ${name.padEnd(10)}  ${summary}`).join('\n'),
      'Each has a page of its own: `fleet help COMMAND`. A command that is not among them is looked for as an executable `fleet-COMMAND` on the PATH.',
      '`--name=VALUE` and `--name VALUE` mean the same. Results are printed on standard output, errors and progress on standard error.',
      'Which hub is meant is decided by `--hub` and `--secret`, else by the remote that `--remote=NAME` or `+NAME` names, else by `FLEET_HUB` and `FLEET_SECRET`, else by the remote `default` of fleet.json(5).',
      "A hub is reached directly: neither fleet's own connection nor the git that it starts uses a proxy, whatever `HTTPS_PROXY` or `http.proxy` in git's configuration say. Where only a proxy leads out, forward a port through it, and name that as the hub.",
    ],
    options: [
      { term: '-h, --help', help: 'Lists the commands; behind a command, shows its page.' },
      { term: '-v, --version', help: 'Prints the version.' },
    ],
    examples: [
      ['A hub, on a server:', 'fleet hub --port=7000 --secret=beepboop'],
      ['A drone, on each worker:', 'fleet drone --hub=hub.example.com:7000 --secret=beepboop'],
      [
        'In the git checkout of an app:',
        [
          'fleet remote add default --hub=hub.example.com:7000 --secret=beepboop',
          'fleet deploy',
          'fleet spawn -- node server.js 8080',
          'fleet ps',
          'fleet stop pid#1e99f4',
        ].join('\n'),
      ],
    ],
    exitStatus: EXIT_STATUS,
    environment: ENVIRONMENT,
    seeAlso: [...commands.map(({ name }) => `fleet-${name}(1)`), 'fleet.json(5)', 'git(1)'],
  };
}

/** fleet.json(5). */
export const FLEET_JSON_PAGE: Page = {
  name: 'fleet.json',
  section: 5,
  summary: 'the hubs that fleet knows by name',
  synopsis: ['fleet.json', '~/.config/fleet/fleet.json'],
  description: [
    'A JSON object whose key `remote` holds an object of remotes, by name. `fleet remote add` writes it; other keys are left alone. The remote that is called `default` is used when none is named.',
    "It is looked for in the root of the git repository; from a worktree or a submodule, then in the checkout that this belongs to; and then in the user's own configuration, where `fleet remote add --global` keeps it. The first that has the remote counts.",
    'The file may hold secrets. It is written so that only its owner can read it, and should not be committed.',
    'A remote has these keys, all of them strings, listed under OPTIONS.',
  ],
  options: [
    { term: 'hub', help: 'The address of the hub: `HOST:PORT`, or `https://HOST:PORT`.' },
    { term: 'secret', help: "The hub's secret, or a token." },
    {
      term: 'ca',
      help: 'A PEM file with the certificate authority to trust, relative to the directory of fleet.json.',
    },
    { term: 'fingerprint', help: "The hub's public key, as `fleet hub --tls` prints it." },
    { term: 'repo', help: 'The name of the repository, for `deploy`, `spawn` and `exec` without `--repo`.' },
    { term: 'env', help: 'An object: the variables for every `spawn` and `exec` through this remote.' },
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
    ['1', 'The file is broken. The error names the file, the line and the column; nothing overwrites it.'],
    ['2', 'No remote was named, and there is no `default`.'],
  ],
  environment: [
    ...CLIENT_ENVIRONMENT,
    ['XDG_CONFIG_HOME', "Where the user's own configuration is; `~/.config` by default."],
  ],
  seeAlso: ['fleet-remote(1)', 'fleet(1)'],
};

/** `--drone=NAME`, `--env.NAME=VALUE`, `-n, --lines=N`: an option as one types it. */
export function optionTerm({ name, short, value, pairs }: Option): string {
  const long = pairs ? `--${name}.NAME=VALUE` : `--${name}${value ? `=${value}` : ''}`;
  return short ? `-${short}, ${long}` : long;
}

/** The manual page of a command. */
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
