import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note } from '../io.ts';
import {
  APP_ENV_OPTION,
  CLIENT_ENVIRONMENT,
  CLIENT_OPTIONS,
  CWD_OPTION,
  DRONE_OPTION,
  ENV_FILE_OPTION,
  ENV_OPTION,
  NO_COLOR,
  RELEASE_OPTIONS,
  STRICT_OPTION,
} from '../options.ts';

const SHARED =
  'warning: standard input was forwarded to the process, but the loop or script around this command reads the same input; -n leaves it alone';

const NOT_FORWARDED =
  'what you type is not forwarded; -t runs the command on a terminal, -n leaves this line out';

export const execCommand: Command = {
  name: 'exec',
  summary: 'Run commands on drones.',
  synopsis: [
    '[--drone=NAME]... [--strict] [--env.NAME=VALUE]... [--env-file=FILE]... [--commit=REV] [--repo=NAME] [--cwd=DIR] [--app-env] [--raw] [-n] [-t] [+REMOTE] -- COMMAND...',
  ],
  operands: 'command',
  options: [
    DRONE_OPTION,
    STRICT_OPTION,
    ENV_OPTION,
    ENV_FILE_OPTION,
    ...RELEASE_OPTIONS,
    CWD_OPTION,
    {
      name: 'ignore-stdin',
      short: 'n',
      elsewhere: ['no-stdin', 'null'],
      help: 'Does not read standard input, which is for the loop or script around it.',
    },
    APP_ENV_OPTION,
    {
      name: 'tty',
      short: 't',
      elsewhere: ['interactive', 'it', 'terminal'],
      help: 'Runs it on a terminal of its own, on a single drone: for shells, editors and whatever else is used with keys.',
    },
    { name: 'raw', help: 'Passes the output of a single process on unchanged, without prefixes.' },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Runs a command once in the checkout of a commit, on every drone that `--drone` selects, or else on a random one, and waits for it. Prints each line of its output as `[DRONE#ID] line`, standard output and standard error separately, and `(DRONE#ID exited)` at the end, or `(DRONE#ID exited 7)` if that is not 0. An unfinished line, such as a prompt, is printed after 200 ms, and its rest behind it, or on a line of its own if another process has printed meanwhile.',
    'Everything from `--` or from the first bare word on is the command, which is passed on unchanged and without a shell. A drone that lacks the commit gets it first.',
    'Standard input is forwarded to every process, as fast as the slowest reads, unless it is a terminal; `-n` forwards nothing. With `--raw` the output is passed on byte by byte, so files can go both ways. In a loop such as `while read`, standard input is that of the loop: use `-n`, or `</dev/null`.',
    'With `-t`, the command has a terminal that is as large as this one and follows its size. Each key goes to it, Ctrl-C too, and its output is passed on unchanged. If the connection is lost, it gets SIGHUP, what it leaves behind is ended, and this terminal is as it was before. The drone needs `script` of util-linux for that.',
    'Ctrl-C ends the processes with everything that they have started, and so does a lost connection, or the end of the drone. What a command that has ended by itself has left running in the background, such as a daemon, goes on: nothing of fleet ends it, neither later nor when a drone starts, and `fleet stop` does not know it. To keep a process running, use `fleet spawn`.',
    'While the terminal stands still (Ctrl-S), the processes wait once they have printed more than a few MiB.',
  ],
  examples: [
    ['A command on every drone:', "fleet exec --drone='*' -- df -h"],
    ['Copy a directory to a drone:', 'tar c . | fleet exec --drone=web1 --cwd=/srv -- tar x'],
    ['A shell:', 'fleet exec -t --drone=web1 -- bash'],
    ['And back:', 'fleet exec --raw --drone=web1 --cwd=/srv -- tar c . | tar x'],
    [
      'One drone after the other, in a loop:',
      'while read -r drone; do fleet exec -n --drone="$drone" -- uptime; done <drones.txt',
    ],
  ],
  exitStatus: [
    [
      'N',
      "The command's own status, or 128 + the number of the signal that ended it. Of several, the first that is not 0.",
    ],
    ['1', 'It could not be started, or the connection was lost.'],
    ['2', 'The command line is wrong, or no hub was given.'],
  ],
  environment: [...CLIENT_ENVIRONMENT, NO_COLOR],
  seeAlso: ['fleet-spawn(1)', 'fleet-deploy(1)'],
  async run(args, io) {
    const { commandOf, noteStart, runOptions } = await import('../remote-command.ts');
    const { endOnInterrupt } = await import('../interrupt.ts');
    const { unblock } = await import('../unblocked.ts');
    const command = commandOf(args, 'exec', execCommand.options, io);
    const onTerminal = args.has('tty');
    const forwards = !io.stdin.isTTY && !args.has('ignore-stdin');
    return withClient(args, io, async (client, target) => {
      if (onTerminal) {
        const { demandKeyboard, runOnTerminal } = await import('../interactive.ts');
        demandKeyboard(args);
        return runOnTerminal(client, runOptions(args, io, target, command), io);
      }
      const exec = await client.exec({
        ...runOptions(args, io, target, command),
        // The bytes of two processes would mix.
        single: args.has('raw'),
        ...(forwards ? { stdin: io.stdin } : {}),
      });
      unblock(io);
      endOnInterrupt(exec, io);
      if (io.stdin.isTTY && !args.has('ignore-stdin')) note(io, NOT_FORWARDED);
      await noteStart(exec, command, client, io);
      const { exitStatus, showLines, showRaw } = await import('../exec-output.ts');
      const exits = args.has('raw') ? await showRaw(exec, io) : await showLines(exec, io);
      if (forwards && (io.stdin.bytesRead ?? 0) > 0 && io.sharesStdin()) note(io, SHARED);
      return exitStatus(exec.failed.length, exits);
    });
  },
};
