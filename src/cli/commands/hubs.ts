import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, say, sayJson } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const hubsCommand: Command = {
  name: 'hubs',
  summary: 'List the hubs of a cluster.',
  synopsis: ['[--json] [+REMOTE]'],
  operands: 'none',
  options: [{ name: 'json', help: 'Prints the hubs as JSON.' }, ...CLIENT_OPTIONS],
  description: [
    'Lists the hubs that are one, because they were started with the same `--cluster`: name, where clients and drones reach it, version of fleet, how many drones are connected to it and how many repositories it has, for how long it runs, and which of them leads. The one that leads makes the decisions about apps; if it ends, another one does. A hub that is not there is not listed; of one that does not answer, `-` stands for what only it knows.',
    'If a hub does not reach the engine, NATS, a line on standard error says so. It cannot know then which others are there: those that were when it last reached it are listed as `lost`, with the time since then.',
    'With `--json` the result is a list of `{name, version, address, drones, repositories, uptime, leads, lost, problem}`; what is not known is null. `problem` says why a hub does not reach the engine, and `lost` for how many seconds the hub that was asked has missed another one because of that.',
  ],
  examples: [['The hubs:', 'fleet hubs']],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-hub(1)', 'fleet-drones(1)'],
  async run(args, io) {
    return withClient(args, io, async (client) => {
      const hubs = await client.hubs();
      if (args.has('json')) sayJson(io, hubs);
      else {
        const { hubLines, problemLines } = await import('../hubs-text.ts');
        for (const line of hubLines(hubs)) say(io, line);
        for (const line of problemLines(hubs)) note(io, line);
      }
      return 0;
    });
  },
};
