import type { SpawnResult } from '../../client/types.ts';
import { FleetError } from '../../protocol/errors.ts';
import { noteAbsent } from '../absent.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Option } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, say } from '../io.ts';
import {
  APP_ENV_OPTION,
  CLIENT_ENVIRONMENT,
  CLIENT_OPTIONS,
  CWD_OPTION,
  DRONE_OPTION,
  ENV_FILE_OPTION,
  ENV_OPTION,
  RELEASE_OPTIONS,
  STABLE_OPTION,
  STRICT_OPTION,
} from '../options.ts';

const PORT_OPTION: Option = {
  name: 'port',
  value: 'auto',
  help: "With `auto`, it gets a port that nobody listens on, of its drone's `--ports`, in the variable `PORT`.",
  completes: ['auto'],
};

export const spawnCommand: Command = {
  name: 'spawn',
  summary: 'Run services on drones.',
  synopsis: [
    '[--drone=NAME]... [--strict] [--env.NAME=VALUE]... [--env-file=FILE]... [--cwd=DIR] [--port=auto] [--app-env] [--commit=REV] [--repo=NAME] [--stable[=TIME]] [+REMOTE] -- COMMAND...',
  ],
  operands: 'command',
  options: [
    DRONE_OPTION,
    STRICT_OPTION,
    ENV_OPTION,
    ENV_FILE_OPTION,
    CWD_OPTION,
    PORT_OPTION,
    APP_ENV_OPTION,
    ...RELEASE_OPTIONS,
    STABLE_OPTION,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Starts a command in the checkout of a commit, on every drone that `--drone` selects, or else on a random one. Prints `(spawned DRONE#ID)` for each, and returns. The drone restarts the process whenever it dies: after a second at first, and after up to a minute if it keeps dying. It must stay in the foreground: one that puts itself into the background has ended, as `ps` and `logs` say, and what it has left there is ended before the next start. Programs that do so have an option against it, such as `nginx -g "daemon off;"`.',
    'Everything from `--` or from the first bare word on is the command, which is passed on unchanged and without a shell. A drone that lacks the commit gets it first.',
    'With `--stable`, it waits for 5 seconds, or for the time that is given. If a process ends within that, the last lines of its log are printed on standard error, and the exit status is 1. The drone still restarts it, until it is stopped.',
    "Its environment is that of the drone (but for variables such as `GIT_DIR`, which bind git to one repository), with `REPO`, `COMMIT`, `DRONE_ID`, `PROCESS_ID`, the remote's `env`, and the variables of `--env-file` and `--env`.",
    'With `--port=auto`, each process has a port of its own for as long as it lives, also after a restart, and it is printed: `(spawned DRONE#ID :20000)`. If somebody else listens on it when the process is started again, that is tried again later.',
    'Its standard input is `/dev/null`: it reads as empty, so a program that ends with its input, as some watchers do, ends at once.',
  ],
  examples: [
    ['A web server on a random drone:', 'fleet spawn -- node server.js 8080'],
    [
      'One on every drone, with a variable:',
      "fleet spawn --drone='*' --env.NODE_ENV=production -- node server.js 8080",
    ],
    [
      'In a directory of the checkout, with settings from a file and a free port:',
      "fleet spawn --drone='*' --port=auto --env-file=.env --cwd=api -- node server.js",
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
    const port = portOf(args);
    return withClient(args, io, async (client, target) => {
      const { drones, absent } = await client.spawn({ ...runOptions(args, io, target, command), port });
      noteAbsent(absent, 'left out', io);
      const results = Object.entries(drones);
      const names = await namesAfter(
        results.map(([, { error }]) => error),
        client,
      );
      for (const [drone, result] of results) {
        if (result.error) note(io, `[${drone}] ${failureText(result.error, command, names)}`);
        else say(io, spawnedText(drone, result));
      }
      const started = results.flatMap(([drone, { id, error }]) => (error ? [] : [`${drone}#${id}`]));
      const failed = started.length < results.length;
      if (stableMs === null) return failed ? 1 : 0;
      return (await stayed(started, stableMs, client, io)) && !failed ? 0 : 1;
    });
  },
};

/** Throws EUSAGE. */
function portOf(args: Arguments): 'auto' | undefined {
  const port = args.text('port');
  if (port === undefined || port === 'auto') return port;
  throw new FleetError(
    'EUSAGE',
    `--port=${port} is not auto; for a port of your own, write --env.PORT=${port}`,
  );
}

/** Returns `(spawned web1#1e99f4)`, with ` :20000` if its drone has given it a port. */
function spawnedText(drone: string, { id, port }: SpawnResult['drones'][string]): string {
  return `(spawned ${drone}#${id}${port === null ? '' : ` :${port}`})`;
}
