import { APP_OPTIONS, appOf } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, DRONE_OPTION, ENV_FILE_OPTION, ENV_OPTION } from '../options.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'Run a command of an app.',
  synopsis: [
    '[--service=NAME] [--drone=NAME] [--commit=REV] [--env.NAME=VALUE]... [--env-file=FILE]... [--as=STAGE] [-t|-T] [-n] [+REMOTE] -- COMMAND...',
  ],
  operands: 'command',
  options: [
    {
      name: 'service',
      value: 'NAME',
      completes: 'services',
      help: 'Runs it as this service: with its environment, and in its directory.',
    },
    { ...DRONE_OPTION, help: 'The drone to run it on. The default is one that the app runs on.' },
    {
      name: 'commit',
      value: 'REV',
      elsewhere: ['branch', 'tag', 'ref', 'rev', 'revision', 'version'],
      completes: 'refs',
      help: 'Another commit than that of the live release, in any form that git understands. It is built first.',
    },
    ENV_OPTION,
    ENV_FILE_OPTION,
    {
      name: 'tty',
      short: 't',
      elsewhere: ['interactive', 'it', 'terminal'],
      help: 'Runs it on a terminal, also if standard input or output is none.',
    },
    { name: 'no-tty', short: 'T', help: 'Never runs it on a terminal.' },
    {
      name: 'ignore-stdin',
      short: 'n',
      elsewhere: ['no-stdin', 'null'],
      help: 'Does not read standard input, which is for the loop or script around it.',
    },
    ...APP_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    "Runs a command once, on one drone, as a process of an app: in the checkout of its live release, or the newest one if none is live, with the variables of `fleet.toml` and of `fleet env`, with `APP`, `RELEASE` and `SHARED`, and as the app's user. It has no `PORT`.",
    'If standard input and output are a terminal, so are those of the command: it is as large as this one and follows its size, and each key goes to the command, Ctrl-C too. If the connection is lost, the command gets SIGHUP, what it leaves behind is ended, and this terminal is as it was before. Otherwise, standard input, output and errors are passed on byte by byte.',
    'The output has no prefix; `(DRONE#ID)` is on standard error. On a drone that is named, the command also runs if the checkout there cannot be prepared, as long as a shared file is missing.',
  ],
  examples: [
    ['A console:', 'fleet run -- node repl.js'],
    ['A dump of a database:', `fleet run -- sh -c 'pg_dump "$DATABASE_URL"' > dump.sql`],
    [
      'Put a shared file on a drone:',
      `fleet run --drone=web2 -- sh -c 'cat > "$SHARED/config/local.json"' < local.json`,
    ],
  ],
  exitStatus: [
    ['N', "The command's own status, or 128 + the number of the signal that ended it."],
    ['1', 'It could not be started, or the connection was lost.'],
    ['2', 'The command line is wrong, or no hub was given.'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-up(1)', 'fleet-env(1)', 'fleet-exec(1)'],
  async run(args, io) {
    const [{ commandOf, noteStart }, { givenEnv }] = await Promise.all([
      import('../remote-command.ts'),
      import('../env-file.ts'),
    ]);
    const command = commandOf(args, 'run', runCommand.options, io);
    const isTerminal = Boolean(io.stdin.isTTY && io.stdout.isTTY);
    const isWanted = isTerminal && !args.has('no-tty') && !args.has('ignore-stdin');
    const onTerminal = args.has('tty') || isWanted;
    const { demandKeyboard, interact } = await import('../interactive.ts');
    demandKeyboard(args);
    return withClient(args, io, async (client, target) => {
      const options = {
        ...appOf(args, target, io.cwd),
        ...{ command, service: args.text('service'), commit: args.text('commit') },
        ...{ drones: args.list('drone'), env: givenEnv(args, io.cwd) },
      };
      const start = async (streams: object) => {
        const exec = await client.run({ ...options, ...streams });
        if (exec.unprepared !== null) note(io, `warning: the checkout is not prepared: ${exec.unprepared}`);
        return exec;
      };
      if (onTerminal) return interact(start, { client, command, io });
      const exec = await start(args.has('ignore-stdin') ? {} : { stdin: io.stdin });
      const { endOnInterrupt } = await import('../interrupt.ts');
      endOnInterrupt(exec, io);
      await noteStart(exec, command, client, io);
      for (const { drone, id } of exec.processes) note(io, `(${drone}#${id})`);
      const { exitStatus, noteErrors, showRaw } = await import('../exec-output.ts');
      const exits = await showRaw(exec, io);
      noteErrors(exits, io);
      return exitStatus(exec.failed.length, exits);
    });
  },
};
