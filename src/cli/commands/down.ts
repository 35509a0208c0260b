import type { ForgetReport } from '../../client/admin-types.ts';
import type { Client } from '../../client/types.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { noteAbsent } from '../absent.ts';
import { APP_OPTIONS, appOf, DRY_RUN, FOLLOW_OPTIONS, waitOf } from '../app-options.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { type Io, note, type Output, say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import type { Target } from '../target.ts';

export const downCommand: Command = {
  name: 'down',
  summary: "Stop all of an app's services.",
  synopsis: ['[--as=STAGE] [--rm] [--dry-run] [+REMOTE]'],
  operands: 'none',
  options: [
    {
      name: 'rm',
      help: 'Forgets the app, too: its releases, environment and scale, and its checkouts on the drones. It takes the right `admin`.',
    },
    DRY_RUN,
    ...APP_OPTIONS,
    ...FOLLOW_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Stops all instances of an app, on every drone. Its releases, environment and shared files stay; `fleet up` brings it back. Processes that were spawned by hand are not touched.',
    'With `--rm`, nothing is left of the app but its repository and its shared files, and the next `fleet up` begins with `v1`.',
  ],
  examples: [
    ['Stop a stage:', 'fleet down --as=pr-12'],
    ['One that is not needed any more:', 'fleet down --as=pr-12 --rm'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-up(1)', 'fleet-scale(1)'],
  async run(args, io) {
    if (args.has('dry-run'))
      return withClient(args, io, (client, target) => dryRun(client, target, args, io));
    if (args.has('rm')) {
      if (args.has('detach'))
        throw new FleetError('EUSAGE', '--rm waits until the app has stopped; leave out --detach');
      return withClient(args, io, async (client, target) => {
        const app = { ...appOf(args, target, io.cwd), wait: waitOf(args) };
        return reportForgotten(await client.forget(app), io);
      });
    }
    const { follow } = await import('../follow.ts');
    return withClient(args, io, async (client, target) =>
      follow(await client.down({ ...appOf(args, target, io.cwd), wait: waitOf(args) }), args, io),
    );
  },
};

async function dryRun(client: Client, target: Target, args: Arguments, io: Io): Promise<number> {
  const { reportPlan } = await import('../dry-run.ts');
  const forget = args.has('rm');
  const plan = await client.planDown({ ...appOf(args, target, io.cwd), forget });
  const status = reportPlan(plan, args, io);
  if (forget && !args.has('json')) say(io, `${plan.app} would be forgotten; its shared files would stay`);
  return status;
}

function reportForgotten({ app, failed, absent }: ForgetReport, io: Output): number {
  for (const [drone, error] of Object.entries(failed))
    note(io, `[${drone}] its checkouts are left: ${messageOf(error)}`);
  noteAbsent(absent, 'its checkouts are left', io);
  say(io, `${app} is stopped and forgotten; its shared files are still on the drones`);
  return Object.keys(failed).length === 0 ? 0 : 1;
}
