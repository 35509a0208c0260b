import type { Command, Option } from '../command.ts';
import { withClient } from '../connect.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, DRONE_OPTION, FILTER_OPTIONS } from '../options.ts';

/** Which processes to end, and how long they have. */
export const STOP_OPTIONS: Option[] = [
  ...FILTER_OPTIONS,
  { ...DRONE_OPTION, help: `Only processes on these drones. ${DRONE_OPTION.help}` },
  { name: 'all', help: 'All processes, of the drones that `--drone` selects or of all drones.' },
  { name: 'force', help: 'Instances of apps too, which are left alone otherwise.' },
  {
    name: 'grace',
    value: 'SECONDS',
    help: 'How long a process has to end by itself, such as `30s` or `2m`. The default is 5 seconds.',
  },
];

export const stopCommand: Command = {
  name: 'stop',
  summary: 'Stop processes running on drones.',
  synopsis: [
    '[--grace=SECONDS] [+REMOTE] [pid#]ID...',
    '[--repo=NAME] [--commit=REV] [--drone=NAME]... [--grace=SECONDS] [+REMOTE]',
    '[--drone=NAME]... --all [+REMOTE]',
  ],
  operands: 'words',
  completes: 'ids',
  options: [...STOP_OPTIONS, ...CLIENT_OPTIONS],
  description: [
    'Ends processes, which are not started again. An id is written as `fleet ps` shows it, with or without `pid#`, or as `DRONE#ID`.',
    'The process and everything that it has started get SIGTERM, and SIGKILL if they have not ended within `--grace`. Prints `[DRONE] stopped ID ID`, and `[DRONE] killed ID` for those that had to be killed.',
    'An instance of a service belongs to its app, which would start another: it is not stopped, and the exit status is 1. Without ids, instances are left alone, and named on standard error. With `--force` they are stopped all the same. See `fleet scale` and `fleet down`.',
    'Its log is kept for an hour; see `fleet logs`.',
  ],
  examples: [
    ['Two processes:', 'fleet stop pid#1e99f4 d7048a'],
    ['A whole release:', 'fleet stop --repo=webapp --commit=1b8050f'],
    ['Everything, everywhere:', "fleet stop --drone='*' --all"],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-ps(1)', 'fleet-restart(1)', 'fleet-spawn(1)', 'fleet-logs(1)'],
  async run(args, io) {
    const [{ endProcesses, STOP }, { requireSelection }] = await Promise.all([
      import('../ending.ts'),
      import('../selection.ts'),
    ]);
    requireSelection(args, STOP);
    return withClient(args, io, (client, target) => endProcesses(STOP, client, args, io, target));
  },
};
