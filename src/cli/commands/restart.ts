import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { STOP_OPTIONS, stopCommand } from './stop.ts';

export const restartCommand: Command = {
  name: 'restart',
  summary: 'Restart processes running on drones.',
  synopsis: stopCommand.synopsis,
  operands: 'words',
  options: [...STOP_OPTIONS, ...CLIENT_OPTIONS],
  description: [
    'Stops processes as `fleet stop` does, and starts them again at once, with the same id, commit and environment. A process that waits for its next start after a crash starts now.',
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
    return withClient(args, io, (client) => endProcesses(RESTART, client, args, io));
  },
};
