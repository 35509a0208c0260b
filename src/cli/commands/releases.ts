import { APP_OPTIONS, appOf } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say, sayJson } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { parseCount } from '../quantity.ts';

export const releasesCommand: Command = {
  name: 'releases',
  summary: 'List the releases of an app.',
  synopsis: ['[-n COUNT] [--json] [--as=STAGE] [+REMOTE]'],
  operands: 'none',
  options: [
    { name: 'lines', short: 'n', value: 'COUNT', help: 'How many; 20 by default.' },
    { name: 'json', help: 'Prints JSON.' },
    ...APP_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints the releases of an app, newest first: number, state, commit, time, who began it, the first line of the commit message, and why it failed or which release it repeats.',
  ],
  examples: [['What was released lately:', 'fleet releases -n 5']],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-up(1)', 'fleet-rollback(1)', 'fleet-status(1)'],
  async run(args, io) {
    const count = args.has('lines') ? parseCount(args.text('lines') ?? '', 'lines') : undefined;
    const { releasesText } = await import('../releases-text.ts');
    return withClient(args, io, async (client, target) => {
      const releases = await client.releases({ ...appOf(args, target, io.cwd), count });
      if (args.has('json')) sayJson(io, releases);
      else for (const line of releasesText(releases, Date.now())) say(io, line);
      return 0;
    });
  },
};
