import { appOf, FOLLOW_OPTIONS, waitOf } from '../app-options.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, OF_SERVICE_OPTIONS } from '../options.ts';
import { STOP_OPTIONS, stopCommand } from './stop.ts';

export const restartCommand: Command = {
  name: 'restart',
  summary: 'Restart processes running on drones.',
  synopsis: [
    ...stopCommand.synopsis,
    '[--service=NAME] [--as=STAGE] [--repo=NAME] [--wait=TIME] [--detach] [+REMOTE]',
  ],
  operands: 'words',
  options: [...STOP_OPTIONS, ...OF_SERVICE_OPTIONS, ...FOLLOW_OPTIONS, ...CLIENT_OPTIONS],
  description: [
    'Stops processes as `fleet stop` does, and starts them again at once, with the same id, commit and environment. A process that waits for its next start after a crash starts now. Prints `[DRONE] restarted ID ID`. To run another commit, spawn a new process and stop the old one.',
    'An instance of a service that is named by id is taken out of traffic, drained, and started again in place: it keeps its id and its port. Of several of a service, `parallel` are away at a time, and the next one follows when the one before is ready. `--all`, `--repo`, `--commit` and `--drone` leave instances alone without `--force`.',
    '`--service` replaces the instances of a service one by one, as a release does, and `--as` alone those of all services of a stage: it is a release of what is live, again, and what is printed is as of `fleet up`. With ids, `--commit` or `--drone`, these only narrow down which instances are restarted in place.',
  ],
  examples: [
    ['One process:', 'fleet restart pid#1e99f4'],
    ['A service, without a gap:', 'fleet restart --service=web'],
    ['All processes of a repository on one drone:', 'fleet restart --repo=webapp --drone=web1'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-stop(1)', 'fleet-ps(1)', 'fleet-spawn(1)', 'fleet-up(1)'],
  async run(args, io) {
    if (isOfServices(args)) {
      const { follow } = await import('../follow.ts');
      return withClient(args, io, async (client, target) => {
        const app = { ...appOf(args, target, io.cwd), wait: waitOf(args) };
        const service = args.text('service');
        return follow(await client.restartServices(service === undefined ? [] : [service], app), args, io);
      });
    }
    const [{ endProcesses, RESTART }, { requireSelection }] = await Promise.all([
      import('../ending.ts'),
      import('../selection.ts'),
    ]);
    requireSelection(args, RESTART);
    return withClient(args, io, (client, target) => endProcesses(RESTART, client, args, io, target));
  },
};

/** True if whole services are meant, and not some of their instances. */
function isOfServices(args: Arguments): boolean {
  if (args.words.length > 0 || ['commit', 'drone', 'all', 'grace'].some((name) => args.has(name)))
    return false;
  return args.has('service') || args.has('as');
}
