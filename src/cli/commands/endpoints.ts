import { resolve } from 'node:path';
import type { AppTraffic } from '../../protocol/endpoints.ts';
import { FleetError } from '../../protocol/errors.ts';
import { APP_OPTIONS } from '../app-options.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import type { Surroundings } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

const FORMATS = ['text', 'json', 'nginx', 'caddy', 'prometheus'] as const;
type Format = (typeof FORMATS)[number];

export const endpointsCommand: Command = {
  name: 'endpoints',
  summary: 'List the instances that get requests.',
  synopsis: [
    '[SERVICE] [--format=FORMAT] [--output=FILE] [--repo=NAME] [--as=STAGE] [+REMOTE]',
    '[SERVICE] --watch --output=FILE [--format=FORMAT] [+REMOTE] [-- COMMAND [ARG]...]',
  ],
  operands: 'words',
  completes: 'services',
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      help: 'How they are written: `text`, by default, `json`, `nginx`, `caddy` or `prometheus`.',
      completes: FORMATS,
    },
    { name: 'json', help: 'The same as `--format=json`.' },
    {
      name: 'output',
      value: 'FILE',
      help: 'Writes them to a file, as a whole, if it has changed.',
      completes: 'file',
    },
    {
      name: 'watch',
      help: 'Goes on, and keeps the file true. COMMAND is run each time that it has changed, and before an instance that leaves is stopped.',
    },
    ...APP_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints the instances that get requests: those that are ready. If none of a service is, it prints those that were ready when their drone was lost; else those whose check fails, as a check that fails everywhere says more about what is behind it than about them.',
    'They are those of all apps, unless `--repo` or `--as` says of which one.',
    'This needs the right `read`, or `proxy`. An address that cannot be reached from here, because it is loopback on another machine, is null, and `?` in text: start that drone with `--address`.',
    '`nginx` is a file to include in the `http` block: an `upstream` for each service, called `APP.SERVICE` (`webapp--pr-12.web` for a stage), and `$fleet_upstream`, the name of the one that a request goes to, or empty, as in `proxy_pass http://$fleet_upstream;`. `caddy` is a file for `import` in a Caddyfile, with a site for each host. `prometheus` is a file for `file_sd_configs`.',
    '`--watch` follows the hub until it is interrupted. An instance that a release replaces is not stopped before the file is without it and COMMAND, which has your balancer read it, has ended; for 2 seconds at most. For balancers that finish later, there is `stop = { wait = "5s" }` in `fleet.toml`. If COMMAND fails, that is said, and it is run again with the next change. While the hub is away, the file stays as it is.',
    'The hub serves the same, without `--watch`, at `/v1/endpoints` of its control port, for `http_sd_configs` of Prometheus: in the format of `?format=FORMAT`, by default `prometheus`, to whoever has a token with the right, as a bearer token or as the password of any user. Some releases of Prometheus leave the word Bearer out unless `authorization` has `type: Bearer`.',
  ],
  examples: [
    ['Where the instances of web are:', 'fleet endpoints web'],
    ['For a script:', 'fleet endpoints --format=json'],
    [
      'For nginx:',
      'fleet endpoints --format=nginx --output=/etc/nginx/conf.d/fleet.conf --watch -- nginx -s reload',
    ],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-proxy(1)', 'fleet-status(1)', 'fleet-drone(1)', 'fleet.toml(5)'],
  async run(args, io) {
    const format = formatOf(args);
    const { output, command } = destinationOf(args, io);
    const service = serviceOf(args);
    const [
      { FORMATS: writers },
      { servicesOf },
      { demandService, ofApps, ofService },
      { keepTrue, writeIfChanged },
    ] = await Promise.all([
      import('../../traffic-formats/formats.ts'),
      import('../../traffic-formats/services.ts'),
      import('../traffic-selection.ts'),
      import('../endpoints-watch.ts'),
    ]);
    return withClient(args, io, async (client, target) => {
      const textOf = (apps: Record<string, AppTraffic>) =>
        writers[format](servicesOf(ofService(ofApps(apps, args, target.repo), service)));
      if (args.has('watch')) return keepTrue({ client, path: output ?? '', textOf, command, io });
      const apps = await client.traffic();
      demandService(service, ofApps(apps, args, target.repo));
      const text = textOf(apps);
      if (output === undefined) io.stdout.write(text);
      else await writeIfChanged(output, text);
      return 0;
    });
  },
};

/** Throws EUSAGE if it is not a format. */
function formatOf(args: Arguments): Format {
  if (args.has('json')) return 'json';
  const text = args.text('format') ?? 'text';
  const format = FORMATS.find((one) => one === text);
  if (format) return format;
  throw new FleetError('EUSAGE', `'${text}' is not a format; --format takes ${FORMATS.join(', ')}`);
}

/** Returns the file, and the command that is run when it has changed. Throws EUSAGE. */
function destinationOf(args: Arguments, { cwd }: Surroundings) {
  const output = args.text('output');
  const command = args.behindDashes;
  if (args.has('watch') && output === undefined)
    throw new FleetError('EUSAGE', '--watch keeps a file true; name it with --output=FILE');
  if (command.length > 0 && !args.has('watch'))
    throw new FleetError('EUSAGE', `'${command[0]}' would be run after a change; add --watch`);
  return { output: output === undefined ? undefined : resolve(cwd, output), command };
}

/** Returns the service that is asked for, if one is. Throws EUSAGE if several are. */
function serviceOf(args: Arguments): string | undefined {
  const [service, ...more] = args.words.slice(0, args.words.length - args.behindDashes.length);
  if (more.length === 0) return service;
  throw new FleetError('EUSAGE', `fleet endpoints takes one service, and not '${more[0]}'`);
}
