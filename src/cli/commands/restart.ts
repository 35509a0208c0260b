import { FleetError } from '../../protocol/errors.ts';
import { appOf, FOLLOW_OPTIONS, waitOf } from '../app-options.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import {
  CLIENT_ENVIRONMENT,
  CLIENT_OPTIONS,
  ENV_OPTION,
  OF_SERVICE_OPTIONS,
  STABLE_OPTION,
} from '../options.ts';
import { STOP_OPTIONS, stopCommand } from './stop.ts';

export const restartCommand: Command = {
  name: 'restart',
  summary: 'Restart processes running on drones.',
  synopsis: [
    ...stopCommand.synopsis,
    '[--rolling] [--stable=TIME] [--env.NAME=VALUE]... {[pid#]ID... | --repo=NAME | --commit=REV | --drone=NAME... | --all} [+REMOTE]',
    '[--service=NAME] [--as=STAGE] [--repo=NAME] [--wait=TIME] [--detach] [+REMOTE]',
  ],
  operands: 'words',
  completes: 'ids',
  options: [
    ...STOP_OPTIONS,
    {
      name: 'rolling',
      help: 'Restarts processes that were spawned by hand one by one, each when the one before has run for a while.',
    },
    {
      ...STABLE_OPTION,
      help: 'With `--rolling`: how long each must run before the next follows. The default is 5 seconds.',
    },
    { ...ENV_OPTION, help: 'A variable that the processes have from now on.' },
    ...OF_SERVICE_OPTIONS,
    ...FOLLOW_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Stops processes as `fleet stop` does, and starts them again at once, with the same id, commit and environment. A process that waits for its next start after a crash starts now. Prints `[DRONE] restarted ID ID`. To run another commit, spawn a new process and stop the old one.',
    'With `--rolling`, processes that were spawned by hand are restarted one by one, each when the one before has run for 5 seconds, or for the time of `--stable`. If one ends within that, the last lines of its log are printed, those that are left stay as they are, and the exit status is 1.',
    'With `--env.NAME=VALUE`, they have this variable from now on, also after later restarts; others stay. Instances refuse it: their variables are those of `fleet env`.',
    'An instance of a service that is named by id is taken out of traffic, drained, and started again in place: it keeps its id and its port. Of several of a service, `parallel` are away at a time, and the next one follows when the one before is ready. `--all`, `--repo`, `--commit` and `--drone` leave instances alone without `--force`.',
    '`--service` replaces the instances of a service one by one, as a release does, and `--as` alone those of all services of a stage: it is a release of what is live, again, and what is printed is as of `fleet up`. With ids, `--commit` or `--drone`, these only narrow down which instances are restarted in place.',
  ],
  examples: [
    ['One process:', 'fleet restart pid#1e99f4'],
    ['One by one, with another setting:', 'fleet restart --rolling --env.LOG=debug --repo=webapp'],
    ['A service, without a gap:', 'fleet restart --service=web'],
    ['All processes of a repository on one drone:', 'fleet restart --repo=webapp --drone=web1'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-stop(1)', 'fleet-ps(1)', 'fleet-spawn(1)', 'fleet-up(1)'],
  async run(args, io) {
    checkOptions(args);
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
    if (args.has('rolling')) {
      const { restartRolling } = await import('../rolling.ts');
      return withClient(args, io, (client, target) => restartRolling(client, args, io, target));
    }
    return withClient(args, io, (client, target) => endProcesses(RESTART, client, args, io, target));
  },
};

/** Throws EUSAGE for options that do not belong together. */
function checkOptions(args: Arguments): void {
  if (args.has('stable') && !args.has('rolling'))
    throw new FleetError('EUSAGE', '--stable is for restarts one by one; write --rolling too');
  if (args.has('env') && isOfServices(args))
    throw new FleetError(
      'EUSAGE',
      'the environment of a service is that of its app: fleet env set NAME=VALUE',
    );
}

/** True if whole services are meant, and not some of their instances. */
function isOfServices(args: Arguments): boolean {
  if (args.words.length > 0 || ['commit', 'drone', 'all', 'grace'].some((name) => args.has(name)))
    return false;
  return args.has('service') || args.has('as');
}
