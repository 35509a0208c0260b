import { APP_OPTIONS, appOf, DRY_RUN, FOLLOW_OPTIONS } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const promoteCommand: Command = {
  name: 'promote',
  summary: 'Continue a release that rests as a canary.',
  synopsis: ['[--dry-run] [--as=STAGE] [+REMOTE]'],
  operands: 'none',
  options: [
    DRY_RUN,
    ...APP_OPTIONS,
    ...FOLLOW_OPTIONS.filter(({ name }) => name !== 'wait'),
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Continues a release that `fleet up --canary` has begun: all instances are replaced, by the same rules as in any release. It is refused while one of the canaries is not ready. `fleet rollback` ends the canary instead.',
  ],
  examples: [['Let one instance go ahead, then all:', 'fleet up --canary=1 && fleet promote']],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-up(1)', 'fleet-rollback(1)'],
  async run(args, io) {
    const { follow } = await import('../follow.ts');
    return withClient(args, io, async (client, target) => {
      const app = appOf(args, target, io.cwd);
      if (args.has('dry-run')) {
        const { reportPlan } = await import('../dry-run.ts');
        return reportPlan(await client.planPromote(app), args, io);
      }
      return follow(await client.promote(app), args, io);
    });
  },
};
