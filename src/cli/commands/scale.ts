import { FleetError } from '../../protocol/errors.ts';
import { APP_OPTIONS, appOf, DRY_RUN, FOLLOW_OPTIONS } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const scaleCommand: Command = {
  name: 'scale',
  summary: 'Set how many instances services have.',
  synopsis: ['SERVICE=N|auto... [--dry-run] [--as=STAGE] [+REMOTE]', ''],
  operands: 'words',
  completes: 'services',
  options: [
    DRY_RUN,
    ...APP_OPTIONS,
    ...FOLLOW_OPTIONS.filter(({ name }) => name !== 'wait'),
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Starts or stops instances of the live release until each of these services has as many as it should. That wins over `count` in fleet.toml, in later releases too, until `auto`. Without arguments it prints what services have.',
    'A new instance goes to the drone with the fewest of its service, then with the fewest processes, then by name. If there are to be fewer, the highest slots are stopped.',
  ],
  examples: [
    ['Six instances of web, and two of worker:', 'fleet scale web=6 worker=2'],
    ['As many as fleet.toml says:', 'fleet scale web=auto'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-status(1)', 'fleet-up(1)', 'fleet.toml(5)'],
  async run(args, io) {
    const scale = Object.fromEntries(args.words.map(scaleOf));
    const { follow } = await import('../follow.ts');
    return withClient(args, io, async (client, target) => {
      const app = appOf(args, target, io.cwd);
      if (args.has('dry-run')) {
        const { reportPlan } = await import('../dry-run.ts');
        return reportPlan(await client.planScale(scale, app), args, io);
      }
      if (args.words.length > 0) return follow(await client.scale(scale, app), args, io);
      const { services } = await client.status(app);
      for (const [name, { count, file, scaled }] of Object.entries(services))
        say(io, `${name} ${count}${scaled ? ` (scaled; fleet.toml: ${file})` : ''}`);
      return 0;
    });
  },
};

/** Parses `web=6` and `web=auto`. Throws EUSAGE. */
function scaleOf(word: string): [service: string, count: number | null] {
  const [, service, count] = /^([A-Za-z0-9_-]{1,30})=(\d{1,4}|auto)$/.exec(word) ?? [];
  if (service !== undefined) return [service, count === 'auto' ? null : Number(count)];
  throw new FleetError('EUSAGE', `'${word}' does not say how many of what; write web=4 or web=auto`);
}
