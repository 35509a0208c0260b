import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note } from '../io.ts';
import {
  CLIENT_ENVIRONMENT,
  CLIENT_OPTIONS,
  DRONE_OPTION,
  NO_COLOR,
  OF_SERVICE_OPTIONS,
} from '../options.ts';
import { screenOf } from '../screen.ts';
import { serviceOf } from '../selection.ts';

export const monitorCommand: Command = {
  name: 'monitor',
  summary: 'Show service events system-wide.',
  synopsis: ['[--service=NAME] [--as=STAGE] [--repo=NAME] [--drone=NAME]... [+REMOTE]'],
  operands: 'none',
  wordMeans: 'drone',
  options: [
    ...OF_SERVICE_OPTIONS,
    { name: 'repo', value: 'NAME', completes: 'repos', help: 'Only processes of this repository.' },
    { ...DRONE_OPTION, help: `Only these drones. ${DRONE_OPTION.help}` },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints what happens on the drones, until Ctrl-C:',
    '  (deployed DRONE#REPO/COMMIT)\n  (spawned DRONE#ID : COMMAND)\n  [DRONE#ID] line of output\n  (exited DRONE#ID : COMMAND)\n  (stopped DRONE#ID : COMMAND)',
    'If a process failed, and was not stopped, another line says how: `(DRONE#ID exited 7)`, `(DRONE#ID exited SIGKILL)`. `(DRONE#ID restarted)` follows the line of a process that was started again.',
    'Any number of monitors can run at a time, and each sees everything. One that is too slow misses lines, and prints how many: `… 120 lines dropped …`. It reconnects if the connection is lost.',
    'An unfinished line, such as a prompt, is printed after 200 ms. Its rest follows it when it comes, on a line of its own if something else was printed meanwhile. A line of more than 4 MiB is printed in parts.',
    'For earlier output, see `fleet logs`.',
  ],
  examples: [
    ['Everything:', 'fleet monitor'],
    ['The web servers:', "fleet monitor --drone='/^web/'"],
  ],
  environment: [...CLIENT_ENVIRONMENT, NO_COLOR],
  seeAlso: ['fleet-logs(1)', 'fleet-ps(1)'],
  run(args, io) {
    return withClient(args, io, async (client, target) => {
      const [{ LiveLines }, { Printer }, { monitorText }, { unblock }] = await Promise.all([
        import('../live-lines.ts'),
        import('../printer.ts'),
        import('../monitor-text.ts'),
        import('../unblocked.ts'),
      ]);
      unblock(io);
      const printer = new Printer(io.stdout);
      const live = new LiveLines();
      const screen = screenOf(io.stdout, io.env);
      const drones = args.list('drone');
      const filter = await serviceOf(args, target, io);
      for await (const item of client.monitor(drones.length > 0 ? { ...filter, drones } : filter)) {
        if (item.kind === 'connection') {
          await printer.finish(live.close());
          note(io, item.connected ? 'connected to the hub' : 'disconnected from the hub');
        } else await printer.print(monitorText(item, screen, live));
      }
      await printer.flush();
      return 0;
    });
  },
};
