import { noteAbsent } from '../absent.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, say } from '../io.ts';
import {
  APP_ENV_OPTION,
  CLIENT_ENVIRONMENT,
  CLIENT_OPTIONS,
  DRONE_OPTION,
  ENV_OPTION,
  RELEASE_OPTIONS,
  STABLE_OPTION,
} from '../options.ts';

export const spawnCommand: Command = {
  name: 'spawn',
  summary: 'Run services on drones.',
  synopsis: [
    '[--drone=NAME]... [--env.NAME=VALUE]... [--app-env] [--commit=REV] [--repo=NAME] [--stable[=TIME]] [+REMOTE] -- COMMAND...',
  ],
  operands: 'command',
  options: [DRONE_OPTION, ENV_OPTION, APP_ENV_OPTION, ...RELEASE_OPTIONS, STABLE_OPTION, ...CLIENT_OPTIONS],
  description: [
    'Starts a command in the checkout of a commit, on every drone that `--drone` selects, or else on a random one. Prints `(spawned DRONE#ID)` for each, and returns. The drone restarts the process whenever it dies: after a second at first, and after up to a minute if it keeps dying. It must stay in the foreground: one that puts itself into the background has ended, as `ps` and `logs` say, and what it has left there is ended before the next start. Programs that do so have an option against it, such as `nginx -g "daemon off;"`.',
    'Everything from `--` or from the first bare word on is the command, which is passed on unchanged and without a shell. A drone that lacks the commit gets it first.',
    'With `--stable`, it waits for 5 seconds, or for the time that is given. If a process ends within that, the last lines of its log are printed on standard error, and the exit status is 1. The drone still restarts it, until it is stopped.',
    "Its environment is that of the drone, with `REPO`, `COMMIT`, `DRONE_ID`, `PROCESS_ID`, the remote's `env` and the variables of `--env`.",
    'Its standard input is `/dev/null`: it reads as empty, so a program that ends with its input, as some watchers do, ends at once.',
  ],
  examples: [
    ['A web server on a random drone:', 'fleet spawn -- node server.js 8080'],
    [
      'One on every drone, with a variable:',
      "fleet spawn --drone='*' --env.NODE_ENV=production -- node server.js 8080",
    ],
    ['In a script, only if it stays up:', 'fleet spawn --stable=10s -- node server.js 8080'],
    ['With a shell:', `fleet spawn -- sh -c 'exec node server.js "$PORT"'`],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-deploy(1)', 'fleet-exec(1)', 'fleet-ps(1)', 'fleet-stop(1)', 'fleet-logs(1)'],
  async run(args, io) {
    const [{ commandOf, failureText, namesAfter, runOptions }, { parseStable, stayed }] = await Promise.all([
      import('../remote-command.ts'),
      import('../stable.ts'),
    ]);
    const command = commandOf(args, 'spawn', spawnCommand.options, io);
    const stableMs = args.has('stable') ? parseStable(args.text('stable') ?? '') : null;
    return withClient(args, io, async (client, target) => {
      const { drones, absent } = await client.spawn(runOptions(args, io, target, command));
      noteAbsent(absent, 'left out', io);
      const names = await namesAfter(
        Object.values(drones).map(({ error }) => error),
        client,
      );
      for (const [drone, { id, error }] of Object.entries(drones)) {
        if (error) note(io, `[${drone}] ${failureText(error, command, names)}`);
        else say(io, `(spawned ${drone}#${id})`);
      }
      const started = Object.entries(drones).flatMap(([drone, { id, error }]) =>
        error ? [] : [`${drone}#${id}`],
      );
      const failed = started.length < Object.keys(drones).length;
      if (stableMs === null) return failed ? 1 : 0;
      return (await stayed(started, stableMs, client, io)) && !failed ? 0 : 1;
    });
  },
};
