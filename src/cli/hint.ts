import { closest } from '../system/closest.ts';
import type { Command } from './command.ts';

/** How fleet does what other tools have a command for. A word goes from here when it becomes a command. */
export const ELSEWHERE: readonly (readonly [names: string[], hint: string])[] = [
  [['start'], 'To release an app: `fleet up`; to run a process by hand: `fleet spawn -- COMMAND`'],
  [['list', 'ls', 'top'], 'To see what runs where: `fleet ps`'],
  [['revert', 'undo'], 'To go back to an earlier release: `fleet rollback`'],
  [
    ['ssh', 'shell', 'sh', 'console'],
    'To run a command on a drone: `fleet exec -t --drone=NAME -- COMMAND`; of an app: `fleet run -- COMMAND`',
  ],
  [['kill', 'delete'], 'To end processes: `fleet stop ID`'],
  [['reload'], 'To start processes anew: `fleet restart ID`'],
  [['tail', 'watch'], 'To see what processes print: `fleet logs -f`'],
  [
    ['push', 'ship', 'release'],
    'To release a commit: `fleet up`; only to bring it to the drones: `fleet deploy`',
  ],
  [['setup', 'login', 'connect'], 'To name a hub for this app: `fleet remote add --hub=HOST:PORT`'],
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
