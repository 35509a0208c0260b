import { APP_OPTIONS, appOf } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say, sayJson } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Show whether an app is all right.',
  synopsis: ['[--json] [--as=STAGE] [+REMOTE]'],
  operands: 'none',
  options: [{ name: 'json', help: 'Prints JSON.' }, ...APP_OPTIONS, ...CLIENT_OPTIONS],
  description: [
    'Prints the live release of an app and its instances: where each runs, its port, and whether it is ready, with its use of processor and memory. A drone that lacks a commit of the repository because a deploy has failed has a line of its own.',
  ],
  examples: [['In a script:', 'fleet status || echo "look at it"']],
  exitStatus: [
    ['0', 'every service has all the instances that it should have, ready, of the live release'],
    ['1', 'it has not, or there is no such app'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-up(1)', 'fleet-releases(1)', 'fleet-ps(1)'],
  async run(args, io) {
    const { statusText } = await import('../status-text.ts');
    return withClient(args, io, async (client, target) => {
      const status = await client.status(appOf(args, target, io.cwd));
      if (args.has('json')) sayJson(io, status);
      else for (const line of statusText(status, Date.now())) say(io, line);
      return status.ok ? 0 : 1;
    });
  },
};
