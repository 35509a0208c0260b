import { closest } from '../system/closest.ts';
import type { Command } from './command.ts';

/** How fleet does what other tools have a command for. A word goes from here when it becomes a command. */
export const ELSEWHERE: readonly (readonly [names: string[], hint: string])[] = [
  [
    ['start', 'run', 'up'],
    'To run a service: `fleet spawn -- COMMAND`; to run a command once: `fleet exec -- COMMAND`',
  ],
  [['status', 'list', 'ls', 'top', 'drones'], 'To see what runs where: `fleet ps`'],
  [
    ['rollback', 'revert', 'undo'],
    'To go back to a commit: `fleet spawn --commit=REV -- COMMAND`, then `fleet stop` what runs now',
  ],
  [['ssh', 'shell', 'sh', 'console'], 'To run a command on a drone: `fleet exec --drone=NAME -- COMMAND`'],
  [['kill', 'down', 'delete'], 'To end processes: `fleet stop ID`'],
  [['reload'], 'To restart processes: `fleet restart ID`'],
  [['tail', 'watch'], 'To see what processes print: `fleet logs -f`'],
  [['push', 'ship'], 'To deploy a commit to the drones: `fleet deploy`'],
  [['init', 'setup', 'login', 'connect'], 'To set the hub of this app: `fleet remote add --hub=HOST:PORT`'],
  [['server'], 'To run a hub: `fleet hub`'],
  [['worker', 'agent', 'join'], 'To run a drone: `fleet drone --hub=HOST:PORT`'],
];

/** Returns what was probably meant by an unknown command; undefined if there is nothing like it. */
export function hintFor(name: string, commands: readonly Command[]): string | undefined {
  const elsewhere = ELSEWHERE.find(([names]) => names.includes(name));
  if (elsewhere) return elsewhere[1];
  const meant = closest(
    name,
    commands.map((command) => command.name),
  );
  return meant && `Did you mean \`fleet ${meant}\`?`;
}
