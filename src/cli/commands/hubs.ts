import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say, sayJson } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const hubsCommand: Command = {
  name: 'hubs',
  summary: 'List the hubs of a cluster.',
  synopsis: ['[--json] [+REMOTE]'],
  operands: 'none',
  options: [{ name: 'json', help: 'Prints the hubs as JSON.' }, ...CLIENT_OPTIONS],
  description: [
    'Lists the hubs that are one, because they were started with the same `--cluster`: name, where clients and drones reach it, version of fleet, how many drones are connected to it and how many repositories it has, for how long it runs, and which of them leads. The one that leads makes the decisions about apps; if it ends, another one does. A hub that is not there is not listed; of one that does not answer, `-` stands for what only it knows.',
    'With `--json` the result is a list of `{name, version, address, drones, repositories, uptime, leads}`; what is not known is null.',
  ],
  examples: [['The hubs:', 'fleet hubs']],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-hub(1)', 'fleet-drones(1)'],
  async run(args, io) {
    return withClient(args, io, async (client) => {
      const hubs = await client.hubs();
      if (args.has('json')) sayJson(io, hubs);
      else for (const line of (await import('../hubs-text.ts')).hubLines(hubs)) say(io, line);
      return 0;
    });
  },
};
