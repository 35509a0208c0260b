import type { Hub, HubOptions } from '../../hub/options.ts';
import type { Command } from '../command.ts';
import { hubOptions } from '../hub-options.ts';
import { note, type Output, say } from '../io.ts';
import { CLIENT_OPTIONS, SERVICE_OPTIONS, SERVICE_VERBS } from '../options.ts';

export const hubCommand: Command = {
  name: 'hub',
  summary: 'Create a hub for drones to connect.',
  synopsis: [
    '[[--port=]PORT] [--gport=PORT] [--secret=SECRET] [--host=ADDRESS] [--tls | --cert=FILE --key=FILE]',
    'install [--user] [--print] [OPTION]...',
    'uninstall [--user]',
    'rotate-secret [--grace=TIME] [+REMOTE]',
  ],
  operands: 'words',
  verbs: [...SERVICE_VERBS, { name: 'rotate-secret', summary: 'Replace the secret of a hub that runs' }],
  options: [
    {
      name: 'port',
      aliases: ['cport'],
      value: 'PORT',
      help: 'The port of the control service. The default is 7000; 0 takes a free one.',
    },
    {
      name: 'gport',
      value: 'PORT',
      help: 'The port of the git service. The default is the control port + 1.',
    },
    { name: 'secret', value: 'SECRET', help: 'The secret of clients and drones.' },
    { name: 'secret-file', value: 'FILE', help: 'A file that holds the secret.', completes: 'file' },
    {
      name: 'host',
      value: 'ADDRESS',
      help: 'The address to listen on. The default is all addresses, or loopback only if there is no secret.',
    },
    {
      name: 'tls',
      help: 'Uses TLS, with a certificate that the hub makes on its first start. Prints the options that clients need.',
    },
    {
      name: 'cert',
      value: 'FILE',
      help: 'Uses TLS, with this certificate (PEM). After a renewal, SIGHUP has the hub read it again.',
      completes: 'file',
    },
    { name: 'key', value: 'FILE', help: 'The key of the certificate (PEM).', completes: 'file' },
    {
      name: 'max-push',
      value: 'SIZE',
      help: 'The largest pack of a push. The default is `4G`.',
    },
    {
      name: 'git-memory',
      value: 'SIZE',
      help: 'How much memory each git process may take that serves a push or a fetch. The default is an eighth of that of the machine, but at least `1G`, and at most `4G`.',
    },
    {
      name: 'all-git-memory',
      value: 'SIZE',
      help: 'How much memory these processes may take together. The first take up to `--git-memory` each; the more there are, the less is there for the next, and if there is none, it waits. Those of one token get half of what others leave. The default is half of the memory of the machine, but at least `1G`.',
    },
    {
      name: 'cluster',
      value: 'SERVERS',
      help: 'The addresses of the NATS servers, with JetStream, that several hubs share, such as `nats://10.0.0.1:4222,10.0.0.2:4222`. They are one hub then.',
    },
    {
      name: 'cluster-creds',
      value: 'FILE',
      help: 'A file of credentials (`.creds`) for these servers.',
      completes: 'file',
    },
    {
      name: 'name',
      value: 'NAME',
      help: 'What the hub is called in its cluster. The default is the name of the machine.',
    },
    {
      name: 'advertise',
      value: 'URL',
      help: 'Where other hubs, drones and clients reach this hub of a cluster, such as `https://h1.example.com:7000`. The default is the name of the machine, or `--host`, and the control port.',
    },
    { name: 'insecure', help: 'Listens on all addresses, and answers to every name, even without a secret.' },
    {
      name: 'audit-days',
      value: 'DAYS',
      help: 'How long the audit trail is kept. The default is 90 days.',
    },
    {
      name: 'audit-max',
      value: 'SIZE',
      help: 'How much room the audit trail may take, such as `500M`. The default is 1G; beyond it, the oldest entries go.',
    },
    {
      name: 'audit-to',
      value: 'syslog|FILE',
      help: 'Copies the audit trail to the log of the system, with logger(1) of util-linux, or to a file, a JSON line for each entry.',
      completes: 'file',
    },
    {
      name: 'trust-proxy',
      value: 'NETWORK',
      repeat: true,
      help: 'The address of a proxy in front of the hub, or a network, such as `10.0.0.0/8`: of requests from there, `X-Forwarded-For` says where they come from.',
    },
    {
      name: 'grace',
      value: 'TIME',
      verbs: ['rotate-secret'],
      help: 'How long the old secret is taken beside the new one. The default is `24h`; `0` ends it at once.',
    },
    ...CLIENT_OPTIONS.filter(({ name }) => !name.startsWith('secret')).map((option) => ({
      ...option,
      verbs: ['rotate-secret'],
    })),
    ...SERVICE_OPTIONS,
  ],
  description: [
    'Runs a hub: a control service that drones and clients connect to, and a git service that code is pushed to. It keeps repositories under `repos/` of the directory that it starts in, next to its other files. It runs until SIGTERM or Ctrl-C. Drones and their processes go on without it, and the drones reconnect.',
    'The git service is plain git over HTTP. The user is `git`, the password is the secret: `git push http://git:SECRET@HOST:7001/webapp.git` deploys too.',
    'Behind a proxy, give its address as `--trust-proxy`: only then are the log, the audit trail and the throttling of wrong secrets about those who connect, and not about the proxy. It must set `X-Forwarded-For`, or add to it, as nginx does with `$proxy_add_x_forwarded_for`.',
    'It keeps 4 MiB of the disk in reserve, under `reserve/`, and gives them up bit by bit if the disk is full, so that it can still record what it has promised. It says so, and makes the reserve again when there is room.',
    "Other users must not be able to write to its directory, nor to one above it, unless only owners remove files there, as in `/tmp`: the hub refuses that, and says which `chmod` helps. A group may that nobody else is in. Root does not start one that has always been another user's, because that user could not read what root writes.",
    'A hub without a secret listens on loopback only, and answers to `localhost` and `127.0.0.1` only, because anyone who can reach it can run commands on every drone.',
    '`rotate-secret` replaces the secret of a hub that runs, which needs no restart: it prints a new one, and the old one is refused after `--grace`. Whatever goes on with it ends at that moment: connections, clones, pushes; processes go on. It takes the secret that is in force, and no token. Until then, commands and drones that come with the old one say so, and the audit trail has them as `old-secret`. The hub remembers the hashes in `secret.json`: if it is started with the secret that was replaced, it goes on with the new one, and says so; if with a third one, only that is taken.',
    'With `--cluster`, several hubs are one: what they remember is in NATS JetStream, which all of them reach. A hub that was alone takes its state along when it is started with `--cluster` in its directory, as the first one; all others begin in an empty directory, and ask one of those that are there for `hub.key`. They need the same secret, and a `--name` each. Whoever has access to that NATS has every right of a hub: give it to hubs only. `fleet hubs` lists them.',
    'The hubs of a cluster keep the same repositories. Each fetches what it lacks from the git service of another one, at the host of its `--advertise` and the port of its git service. A push is acknowledged when a second hub has it, at once if no other one is connected, and else after 5 seconds, with the line `held by NAME alone`. While NATS is not reached, no branch or tag is moved. A repository of a cluster has at most 8000 branches and tags.',
    'In a container, use an init, such as that of `docker run --init`: as process 1, the hub would have to collect orphans of its gits when they end, which Node cannot. It warns of that.',
    '`install` makes it a systemd service, which starts at every boot in the current directory, with the options that are given, as the user who owns that directory. systemd confines it: it cannot write to `/usr`, `/boot` and `/etc`, has a `/tmp` and a `/dev` of its own, gets no more rights than it has, and takes at most three quarters of the memory of the machine, with its gits, which end first. `systemctl edit fleet-hub` changes that, as with `MemoryMax=2G`. The secret goes into a file that only its owner can read. `uninstall` removes the service.',
  ],
  examples: [
    [
      'One of several hubs:',
      'fleet hub --cluster=nats://10.0.0.1,10.0.0.2,10.0.0.3 --name=h1 --advertise=https://h1.example.com:7000 --tls --secret-file=secret',
    ],
    ['A hub on ports 7000 and 7001:', 'fleet hub --port=7000 --secret=beepboop'],
    ['With TLS, and the secret in a file:', 'fleet hub --tls --secret-file=/etc/fleet/secret'],
    ['A new secret; the old one is taken for another week:', 'fleet hub rotate-secret --grace=7d > secret'],
    ['As a service, in this directory:', 'sudo fleet hub install --port=7000 --secret=beepboop --tls'],
  ],
  environment: [['FLEET_SECRET', 'The secret, if no option gives one.']],
  seeAlso: ['fleet-drone(1)', 'fleet-hubs(1)', 'fleet-token(1)', 'fleet-audit(1)', 'systemd.service(5)'],
  async run(args, io) {
    if (args.verb === 'rotate-secret') return (await import('../rotate-secret.ts')).rotateSecret(args, io);
    const options = hubOptions(args, io);
    if (args.verb !== '') return (await import('../hub-service.ts')).hubService(args, options, io);
    const { becomeDaemon, ENDING, giveBackAfterStart, untilSignal, warnAsInit } = await import(
      '../daemon.ts'
    );
    becomeDaemon('hub', args, io);
    warnAsInit(io);
    const { createHub } = await import('../../hub/hub.ts');
    const hub = await createHub({ ...options, log: (line) => note(io, line) });
    // What renews a certificate sends SIGHUP.
    const isRenewed = options.cert !== undefined;
    if (isRenewed) io.onSignal('SIGHUP', () => hub.reload());
    const ended = untilSignal(
      ENDING.filter((signal) => !(isRenewed && signal === 'SIGHUP')),
      io,
    );
    announce(hub, options, (await import('node:os')).hostname(), io);
    giveBackAfterStart(io);
    const why = await Promise.race([ended, hub.failed]);
    await hub.close();
    if (typeof why !== 'string') throw why;
    return 0;
  },
};

function announce(
  { port, gport, host, fingerprint, warnings }: Hub,
  options: HubOptions,
  machine: string,
  io: Output,
): void {
  for (const warning of warnings) note(io, `warning: ${warning}`);
  say(io, `control service listening on :${port}`);
  say(io, `git service listening on :${gport}`);
  if (fingerprint === null) return;
  const name = host || machine;
  say(
    io,
    `--hub=https://${name.includes(':') ? `[${name}]` : name}:${port}${options.tls ? ` --fingerprint=${fingerprint}` : ''}`,
  );
}
