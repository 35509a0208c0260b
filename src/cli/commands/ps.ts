import type { DroneStatus } from '../../protocol/process.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { checkIds, missingIds, noteMissing } from '../ids.ts';
import { note, say, sayJson } from '../io.ts';
import {
  CLIENT_ENVIRONMENT,
  CLIENT_OPTIONS,
  DRONE_OPTION,
  FILTER_OPTIONS,
  NO_COLOR,
  OF_SERVICE_OPTIONS,
} from '../options.ts';
import { screenOf } from '../screen.ts';
import { filterOf } from '../selection.ts';

export const psCommand: Command = {
  name: 'ps',
  summary: 'List the running processes on the drones.',
  synopsis: [
    '[--wide] [--json] [--service=NAME] [--as=STAGE] [--repo=NAME] [--commit=REV] [--drone=NAME]... [+REMOTE] [[pid#]ID...]',
  ],
  operands: 'words',
  completes: 'ids',
  options: [
    { name: 'wide', short: 'w', help: 'Prints a line for each process, with its use of the machine.' },
    { name: 'json', help: 'Prints JSON instead of trees.' },
    ...FILTER_OPTIONS,
    ...OF_SERVICE_OPTIONS,
    { ...DRONE_OPTION, help: `Only these drones. ${DRONE_OPTION.help}` },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints a tree for each drone, by name, with its processes: their id, status, port if their drone has given them one, commit and command. Drones without processes are listed too.',
    'Ids, `--repo`, `--commit` and `--drone` select processes as they do for `fleet stop`; with ids, only the drones that have them are listed. An id that nothing has is an error.',
    'With `--wide` there is a line for each process: `DRONE#ID`, its status, for how long it has been running, the processor time and memory that it uses with everything that it has started, its service, commit and command. `cpu 100%` is one core.',
    'An instance of a service has a line more, such as `service: web.1 v42 :20000 ready`: its slot, release, port and state, with the name of the app before it if it is a stage. The status is `running`, or `respawning` if the process has died and waits for its next start. It is followed by the time until then, the number of restarts and the last exit status. It is `unknown` if the process runs but its drone cannot read its record, which is damaged or was written by a newer fleet. Such a process can be stopped, and is not started again.',
    'A drone that has lost its connection is marked `(lost 40s ago)`, with the processes that it had then, which most likely still run. After a restart of the hub, a drone that has not reconnected yet is marked `(not back since the hub started 40s ago)`. The hub forgets a lost drone after an hour. One that lacks a commit because a deploy has failed is marked with that commit, why, and that it tries again.',
    'With `--json` the result is one object: `{DRONE: {lost, processes: {ID: {status, repo, commit, command, restarts, lastExit, pid, uptime, respawnIn, app, service, slot, release, port, state, cpu, memory}}}}`. `app` to `state` are null for what was spawned by hand, but for the port of `fleet spawn --port=auto`; `cpu` is 100 for one core, `memory` is bytes, and both are null if they are not known. `command` is a list of words; `uptime`, `respawnIn` and `lost` are seconds; a drone has `lost` only while it is not connected, and `lags`, a list of `{repo, commit, why, retries}`, only if it lacks something. Each process is also directly under its drone, as `{DRONE: {ID: {...}}}`, with its own `lost`, which is null while the drone is connected.',
  ],
  examples: [
    ['What runs where:', 'fleet ps'],
    ['What uses the machines:', 'fleet ps --wide'],
    ['What still runs from an old commit:', 'fleet ps --repo=webapp --commit=1b8050f'],
    [
      'The ids of all processes in a crash loop:',
      `fleet ps --json | jq -r '.[].processes | to_entries[] | select(.value.status == "respawning") | .key'`,
    ],
  ],
  environment: [...CLIENT_ENVIRONMENT, NO_COLOR],
  seeAlso: ['fleet-logs(1)', 'fleet-stop(1)', 'fleet-monitor(1)'],
  async run(args, io) {
    const [drones, { psJson, psTree }] = await Promise.all([
      withClient(args, io, async (client, target) => {
        await checkIds('ps', args.words, client);
        return client.ps(await filterOf(args, target, io));
      }),
      import('../ps-text.ts'),
    ]);
    const missing = missingIds(args.words, drones);
    const shown = args.words.length > 0 ? withProcesses(drones) : drones;
    if (args.has('json')) sayJson(io, psJson(shown));
    else if (args.has('wide')) {
      const { psLines } = await import('../ps-lines.ts');
      for (const line of psLines(shown)) say(io, line);
    } else io.stdout.write(psTree(shown, screenOf(io.stdout, io.env)));
    noteMissing(missing, io);
    if (Object.keys(drones).length === 0)
      note(io, 'no drones are connected; start one with: fleet drone --hub=HOST:PORT');
    return missing.length > 0 ? 1 : 0;
  },
};

function withProcesses(drones: Record<string, DroneStatus>): Record<string, DroneStatus> {
  const some = Object.entries(drones).filter(([, { processes }]) => Object.keys(processes).length > 0);
  return Object.fromEntries(some);
}
