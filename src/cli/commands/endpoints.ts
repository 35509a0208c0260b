import type { Endpoint } from '../../protocol/endpoints.ts';
import { FleetError } from '../../protocol/errors.ts';
import { APP_OPTIONS } from '../app-options.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

const FORMATS = ['text', 'json'] as const;

export const endpointsCommand: Command = {
  name: 'endpoints',
  summary: 'List the instances that get requests.',
  synopsis: ['[SERVICE] [--format=FORMAT] [--repo=NAME] [--as=STAGE] [+REMOTE]'],
  operands: 'words',
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      help: 'How they are printed: `text`, by default, or `json`.',
      completes: FORMATS,
    },
    { name: 'json', help: 'The same as `--format=json`.' },
    ...APP_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints the instances that get requests: those that are ready. If none of a service is, it prints those that were ready when their drone was lost; else those whose check fails, as a check that fails everywhere says more about what is behind it than about them.',
    'They are those of all apps, unless `--repo` or `--as` says of which one.',
    'This needs the right `read`, or `proxy`. An address that cannot be reached from here, because it is loopback on another machine, is null, and `?` in text: start that drone with `--address`.',
  ],
  examples: [
    ['Where the instances of web are:', 'fleet endpoints web'],
    ['For a script:', 'fleet endpoints --format=json'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-status(1)', 'fleet-drone(1)', 'fleet.toml(5)'],
  async run(args, io) {
    const format = formatOf(args);
    const { endpointLines, endpointsJson, servingOfAll } = await import('../endpoints-text.ts');
    return withClient(args, io, async (client, target) => {
      const endpoints = servingOfAll(selected(await client.endpoints(), args, target.repo));
      if (format === 'json') say(io, JSON.stringify(endpointsJson(endpoints), null, 2));
      else for (const line of endpointLines(endpoints)) say(io, line);
      return 0;
    });
  },
};

/** Throws EUSAGE if it is not a format. */
function formatOf(args: Arguments): (typeof FORMATS)[number] {
  if (args.has('json')) return 'json';
  const text = args.text('format') ?? 'text';
  const format = FORMATS.find((one) => one === text);
  if (format) return format;
  throw new FleetError('EUSAGE', `'${text}' is not a format; --format takes ${FORMATS.join(', ')}`);
}

/** Returns the endpoints that the arguments mean. Throws EUSAGE. */
function selected(endpoints: Endpoint[], args: Arguments, repo: string | undefined): Endpoint[] {
  const [service, ...more] = args.words;
  if (more.length > 0)
    throw new FleetError('EUSAGE', `fleet endpoints takes one service, and not '${more[0]}'`);
  const wanted = args.text('repo') ?? repo;
  const stage = args.text('as');
  return endpoints.filter((one) => {
    const [ofRepo, ofStage] = one.app.split('@');
    return (
      (service === undefined || one.service === service) &&
      (wanted === undefined || ofRepo === wanted) &&
      (stage === undefined || ofStage === stage)
    );
  });
}
