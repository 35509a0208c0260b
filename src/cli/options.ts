import type { Command, Option, Verb } from './command.ts';

/** How every client command finds its hub. */
export const CLIENT_OPTIONS: Option[] = [
  { name: 'hub', value: 'HOST:PORT', help: 'The hub; `https://HOST:PORT` where it speaks TLS.' },
  { name: 'secret', value: 'SECRET', help: "The hub's secret, or a token of it." },
  { name: 'secret-file', value: 'FILE', help: 'A file that holds the secret.', completes: 'file' },
  {
    name: 'remote',
    value: 'NAME',
    help: 'A remote of `fleet.json`; the bare word `+NAME` means the same. Without one it is `default`.',
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
    help: "The hub's public key, as `fleet hub --tls` prints it; no other key is trusted then.",
  },
  {
    name: 'timeout',
    value: 'SECONDS',
    help: 'How long to wait for a sign of life from the hub: 10 seconds by default. `30s` and `2m` are fine too.',
  },
];

/** Which drones. */
export const DRONE_OPTION: Option = {
  name: 'drone',
  aliases: ['drones'],
  elsewhere: ['host', 'hosts', 'server', 'worker', 'node'],
  value: 'NAME',
  repeat: true,
  help: "A drone's name, `'*'` for all of them, or `'/regex/flags'`. May be given more than once.",
};

/** Which commit of which repository. */
export const RELEASE_OPTIONS: Option[] = [
  {
    name: 'commit',
    value: 'REV',
    elsewhere: ['branch', 'tag', 'ref', 'rev', 'revision', 'version'],
    help: 'The commit, in any way that git understands; `HEAD` by default.',
  },
  {
    name: 'repo',
    value: 'NAME',
    help: 'The name of the repository; by default that of the nearest directory with a `.git`.',
  },
];

/** Which processes, beside those that are named. */
export const FILTER_OPTIONS: Option[] = [
  { name: 'repo', value: 'NAME', help: 'Processes of this repository.' },
  { name: 'commit', value: 'REV', help: 'Processes of this commit.' },
];

/** The environment of what is run. */
export const ENV_OPTION: Option = {
  name: 'env',
  pairs: true,
  help: "A variable of the command's environment. Wins over the remote's `env`.",
};

/** What client commands read from the environment. */
export const CLIENT_ENVIRONMENT: Command['environment'] = [
  ['FLEET_HUB', 'The hub, where no flag names one.'],
  ['FLEET_SECRET', 'The secret, where no flag gives one.'],
];

/** What `fleet hub` and `fleet drone` have in common as services. */
export const SERVICE_VERBS: Verb[] = [
  { name: '', summary: 'Run here and now' },
  { name: 'install', summary: 'Run as a service of systemd' },
  { name: 'uninstall', summary: 'End the service' },
];

export const SERVICE_OPTIONS: Option[] = [
  {
    name: 'user',
    verbs: ['install', 'uninstall'],
    help: "With `install` and `uninstall`: a service of your own, not the machine's.",
  },
  { name: 'print', verbs: ['install'], help: 'With `install`: prints the unit, and does nothing.' },
  {
    name: 'unit',
    value: 'NAME',
    verbs: ['install', 'uninstall'],
    help: 'With `install` and `uninstall`: the name of the unit.',
  },
];
