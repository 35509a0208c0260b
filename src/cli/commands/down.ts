import { APP_OPTIONS, appOf, FOLLOW_OPTIONS, waitOf } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const downCommand: Command = {
  name: 'down',
  summary: "Stop all of an app's services.",
  synopsis: ['[--as=STAGE] [+REMOTE]'],
  operands: 'none',
  options: [...APP_OPTIONS, ...FOLLOW_OPTIONS, ...CLIENT_OPTIONS],
  description: [
    'Stops all instances of an app, on every drone. Its releases, environment and shared files stay; `fleet up` brings it back. Processes that were spawned by hand are not touched.',
  ],
  examples: [['Stop a stage that is not needed any more:', 'fleet down --as=pr-12']],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-up(1)', 'fleet-scale(1)'],
  async run(args, io) {
    const { follow } = await import('../follow.ts');
    return withClient(args, io, async (client, target) =>
      follow(await client.down({ ...appOf(args, target, io.cwd), wait: waitOf(args) }), args, io),
    );
  },
};
