import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say, sayJson } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { nameToRemove } from '../removal.ts';

export const dronesCommand: Command = {
  name: 'drones',
  summary: 'List the drones, or forget a lost one.',
  synopsis: ['[--json] [+REMOTE]', 'rm NAME [+REMOTE]'],
  operands: 'words',
  completes: 'drones',
  verbs: [
    { name: '', summary: 'List the drones' },
    { name: 'rm', aliases: ['remove'], summary: 'Forget a lost drone' },
  ],
  options: [{ name: 'json', verbs: [''], help: 'Prints the drones as JSON.' }, ...CLIENT_OPTIONS],
  description: [
    'Lists the drones that are connected, and those that were within the last hour: name, version of fleet, labels, the address at which its instances are reached, load of the last minute, memory and disk in use, number of processes, for how long it has been lost, and which commit it lacks because a deploy has failed. A line below says of which drones a `fleet proxy`, or another program that follows `fleet endpoints`, cannot reach the instances, because they are on loopback at another machine.',
    'With `--json`, what is not known is null.',
    "`rm` forgets a drone that is lost: its name is free, and what its apps ran there starts elsewhere. Its own processes are not stopped: if the drone comes back, it joins as a new one, with all that runs there. This needs the hub's own secret, or a token with the right `admin`.",
  ],
  examples: [
    ['The drones:', 'fleet drones'],
    ['A machine that will not come back:', 'fleet drones rm web3'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-drone(1)', 'fleet-ps(1)'],
  async run(args, io) {
    const forgotten = nameToRemove(args, 'drones', 'drone');
    return withClient(args, io, async (client) => {
      if (forgotten !== undefined) {
        await client.droneForget(forgotten);
        return 0;
      }
      const { droneLines, dronesJson } = await import('../drones-text.ts');
      const [drones, running] = await Promise.all([client.drones(), client.ps()]);
      if (args.has('json')) sayJson(io, dronesJson(drones, running));
      else for (const line of droneLines(drones, running)) say(io, line);
      return 0;
    });
  },
};
