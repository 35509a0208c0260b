import { FleetError } from '../../protocol/errors.ts';
import { APP_OPTIONS, appOf, DRY_RUN, FOLLOW_OPTIONS, waitOf } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { parseRelease } from '../release-number.ts';

export const rollbackCommand: Command = {
  name: 'rollback',
  summary: 'Go back to an earlier release.',
  synopsis: ['[vN] [--keep-env] [--dry-run] [--as=STAGE] [+REMOTE]'],
  operands: 'words',
  completes: 'releases',
  options: [
    { name: 'keep-env', help: "Keeps today's environment instead of that of the earlier release." },
    DRY_RUN,
    ...APP_OPTIONS,
    ...FOLLOW_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Makes a new release of an earlier one: its commit, its fleet.toml and its environment, through the same checks as any release. Nothing is built where the checkout still is, and there is no release command.',
    'Without a number it is the newest release before the present one that was live; so twice goes back twice.',
    'While a release is under way, or rests as a canary, it is ended instead, and the release that is live serves on.',
  ],
  examples: [
    ['Go back to the release before:', 'fleet rollback'],
    ['Go back to a certain one:', 'fleet rollback v41'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-releases(1)', 'fleet-up(1)'],
  async run(args, io) {
    const release = releaseOf(args.words);
    const { follow } = await import('../follow.ts');
    return withClient(args, io, async (client, target) => {
      const app = appOf(args, target, io.cwd);
      const options = { ...app, release, keepEnv: args.has('keep-env'), wait: waitOf(args) };
      if (args.has('dry-run')) {
        const { reportPlan } = await import('../dry-run.ts');
        return reportPlan(await client.planRollback(options), args, io);
      }
      // One that was under way is to end.
      const isGood = ({ state }: { state: string }) => state === 'live' || state === 'cancelled';
      return follow(await client.rollback(options), args, io, isGood);
    });
  },
};

function releaseOf([word, ...more]: readonly string[]): number | undefined {
  if (more.length > 0)
    throw new FleetError('EUSAGE', `fleet rollback takes one release, and not '${more[0]}'`);
  return parseRelease(word);
}
