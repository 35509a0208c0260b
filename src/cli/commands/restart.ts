import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, OF_SERVICE_OPTIONS } from '../options.ts';
import { STOP_OPTIONS, stopCommand } from './stop.ts';

export const restartCommand: Command = {
  name: 'restart',
  summary: 'Restart processes running on drones.',
  synopsis: [...stopCommand.synopsis, '[--service=NAME] [--as=STAGE] [--repo=NAME] [+REMOTE]'],
  operands: 'words',
  options: [...STOP_OPTIONS, ...OF_SERVICE_OPTIONS, ...CLIENT_OPTIONS],
  description: [
    'Stops processes as `fleet stop` does, and starts them again at once, with the same id, commit and environment. A process that waits for its next start after a crash starts now.',
    'An instance of a service keeps its port. Instances are restarted if an id, `--service` or `--as` names them; `--all`, `--repo`, `--commit` and `--drone` leave them alone without `--force`.',
    'Prints `[DRONE] restarted ID ID`. To run another commit, spawn a new process and stop the old one.',
  ],
  examples: [
    ['One process:', 'fleet restart pid#1e99f4'],
    ['All processes of a repository on one drone:', 'fleet restart --repo=webapp --drone=web1'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-stop(1)', 'fleet-ps(1)', 'fleet-spawn(1)'],
  async run(args, io) {
    const [{ endProcesses, RESTART }, { requireSelection }] = await Promise.all([
      import('../ending.ts'),
      import('../selection.ts'),
    ]);
    requireSelection(args, RESTART);
    return withClient(args, io, (client, target) => endProcesses(RESTART, client, args, io, target));
  },
};
