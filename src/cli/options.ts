import type { Command, Option, Verb } from './command.ts';

/** The options by which every client command finds its hub. */
export const CLIENT_OPTIONS: Option[] = [
  {
    name: 'hub',
    value: 'HOST:PORT',
    help: 'The hub; `https://HOST:PORT` if it uses TLS. Several that are one: `h1:7000,h2:7000`.',
  },
  { name: 'secret', value: 'SECRET', help: "The hub's secret, or a token." },
  { name: 'secret-file', value: 'FILE', help: 'A file that holds the secret.', completes: 'file' },
  {
    name: 'remote',
    value: 'NAME',
    completes: 'remotes',
    help: 'A remote of `fleet.json`; `+NAME` means the same. The default is `default`.',
  },
  {
    name: 'ca',
    value: 'FILE',
    help: 'A PEM file with the certificate authority to trust.',
    completes: 'file',
  },
  {
    name: 'fingerprint',
    value: 'sha256:HEX',
    help: "The hub's public key, as printed by `fleet hub --tls`. No other key is trusted. Of several hubs, the keys of each in the same order: `sha256:HEX,sha256:HEX`.",
  },
  {
    name: 'timeout',
    value: 'SECONDS',
    help: 'How long to wait for a sign of life from the hub, such as `30s` or `2m`. The default is 10 seconds.',
  },
];

/** Which drones. */
export const DRONE_OPTION: Option = {
  name: 'drone',
  aliases: ['drones'],
  elsewhere: ['host', 'hosts', 'server', 'worker', 'node'],
  value: 'NAME',
  repeat: true,
  completes: 'drones',
  help: "The name of a drone, `'*'` for all drones, `'/regex/flags'`, or `KEY=VALUE` for those with this label. May be given more than once.",
};

/** For commands that are not the app's own. */
export const APP_ENV_OPTION: Option = {
  name: 'app-env',
  value: 'STAGE',
  otherwise: '',
  help: "Gives it the app's environment: that of `fleet.toml`, and what `fleet env` has set. `--app-env=STAGE` for that of a stage. It takes the right `exec`.",
};

/** Which commit of which repository. */
export const RELEASE_OPTIONS: Option[] = [
  {
    name: 'commit',
    value: 'REV',
    elsewhere: ['branch', 'tag', 'ref', 'rev', 'revision', 'version'],
    completes: 'refs',
    help: 'The commit, in any form that git understands. The default is `HEAD`.',
  },
  {
    name: 'repo',
    value: 'NAME',
    completes: 'repos',
    help: 'The name of the repository. The default is the name of the nearest directory with a `.git`, or of the bare repository.',
  },
];

/** For commands that start processes. */
export const STABLE_OPTION: Option = {
  name: 'stable',
  value: 'TIME',
  otherwise: '5s',
  help: 'Waits so long, 5 seconds by default, and fails if a process ends within that.',
};

/** Which processes, in addition to ids. */
export const FILTER_OPTIONS: Option[] = [
  { name: 'repo', value: 'NAME', completes: 'repos', help: 'Only processes of this repository.' },
  { name: 'commit', value: 'REV', completes: 'refs', help: 'Only processes of this commit.' },
];

/** Which service of an app. */
export const OF_SERVICE_OPTIONS: Option[] = [
  {
    name: 'service',
    value: 'NAME',
    completes: 'services',
    help: 'Only instances of this service of the app, by default of the one of the current directory.',
  },
  { name: 'as', value: 'STAGE', completes: 'stages', help: 'Only instances of this stage of the app.' },
];

/** The environment of the command that is run. */
export const ENV_OPTION: Option = {
  name: 'env',
  pairs: true,
  help: "A variable for the command's environment. It wins over `--env-file`, and over the remote's `env`.",
};

export const ENV_FILE_OPTION: Option = {
  name: 'env-file',
  value: 'FILE',
  repeat: true,
  help: "A file of this machine with variables for the command's environment, a `NAME=VALUE` a line, as for node's `--env-file`. It wins over the remote's `env`; of several, the last one does.",
  completes: 'file',
};

/** For commands that go to several drones. */
export const STRICT_OPTION: Option = {
  name: 'strict',
  help: 'Fails if one of the drones is lost, before anything is done. Otherwise it is left out, and named.',
};

/** Where a command runs. */
export const CWD_OPTION: Option = {
  name: 'cwd',
  value: 'DIR',
  elsewhere: ['dir', 'chdir', 'workdir'],
  help: 'The directory to run in, relative to the checkout, which is the default.',
};

/** What client commands read from the environment. */
export const CLIENT_ENVIRONMENT: Command['environment'] = [
  ['FLEET_HUB', 'The hub, or several, as `--hub` takes them, if no option names one.'],
  ['FLEET_SECRET', 'The secret, if no option gives one.'],
];

/** For commands with coloured output. */
export const NO_COLOR: Command['environment'][number] = ['NO_COLOR', 'If set, nothing is coloured.'];

/** The verbs of `fleet hub`, `fleet drone` and `fleet proxy` for running as a service. */
export const SERVICE_VERBS: Verb[] = [
  { name: '', summary: 'Run in the foreground' },
  { name: 'install', summary: 'Run as a systemd service' },
  { name: 'uninstall', summary: 'Stop and remove the service' },
];

export const SERVICE_OPTIONS: Option[] = [
  {
    name: 'user',
    verbs: ['install', 'uninstall'],
    help: 'With `install` and `uninstall`: a service of the user, not of the system.',
  },
  { name: 'print', verbs: ['install'], help: 'With `install`: prints the unit and changes nothing.' },
  {
    name: 'unit',
    value: 'NAME',
    verbs: ['install', 'uninstall'],
    help: 'With `install` and `uninstall`: the name of the unit.',
  },
];
