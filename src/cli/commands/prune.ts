import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const pruneCommand: Command = {
  name: 'prune',
  summary: 'Remove old checkouts from drones.',
  synopsis: ['[--dry-run] [+REMOTE]'],
  operands: 'none',
  options: [
    { name: 'dry-run', help: 'Prints what would be removed, and removes nothing.' },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Removes checkouts that are not needed any more from the drones, and from their repositories what no checkout needs; packs the repositories of the drones and of the hub. Prints what was removed, and how much space that has freed. The hub does this by itself, without packing its own repositories, an hour after its start, once a day, and whenever a release becomes live.',
    'These checkouts stay: those that something runs from; those that were deployed by hand within the last 7 days; of an app, those of the live release, of the release that is under way, and of the last releases that were live, as many commits as `keep` in its fleet.toml says (5 by default); those of a release that failed, for 7 days and until two more releases have followed; of a repository that has no app, the newest five; and the newest deployed commit of each repository.',
    'Shared files and logs are not removed. The hub keeps every commit, so what was removed can be deployed, and released, again.',
    "This needs the hub's own secret, or a token with the right `admin`; `--dry-run` needs `read`.",
  ],
  examples: [
    ['See what would be removed:', 'fleet prune --dry-run'],
    ['Remove it:', 'fleet prune'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-deploy(1)', 'fleet-up(1)', 'fleet.toml(5)'],
  async run(args, io) {
    const [{ pruneLines }, { noteAbsent }] = await Promise.all([
      import('../prune-text.ts'),
      import('../absent.ts'),
    ]);
    const dryRun = args.has('dry-run');
    const report = await withClient(args, io, (client) => client.prune({ dryRun }));
    const { done, failed } = pruneLines(report, dryRun);
    for (const line of done) say(io, line);
    for (const line of failed) note(io, line);
    noteAbsent(report.absent, 'left as it is', io);
    return failed.length === 0 ? 0 : 1;
  },
};
