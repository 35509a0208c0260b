import type { Execution } from '../../client/types.ts';
import { noteAbsent } from '../absent.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, type OwnProcess } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, DRONE_OPTION, ENV_OPTION, RELEASE_OPTIONS } from '../options.ts';
import { commandOf, failureText, runOptions } from '../remote-command.ts';

const SHARED =
  'warning: standard input was forwarded to the process, and the loop or script around it reads the same input; -n leaves it alone';

export const execCommand: Command = {
  name: 'exec',
  summary: 'Run commands on drones.',
  synopsis: [
    '[--drone=NAME]... [--env.NAME=VALUE]... [--commit=REV] [--repo=NAME] [--cwd=DIR] [--raw] [-n] [+REMOTE] -- COMMAND...',
  ],
  operands: 'command',
  options: [
    DRONE_OPTION,
    ENV_OPTION,
    ...RELEASE_OPTIONS,
    {
      name: 'cwd',
      value: 'DIR',
      elsewhere: ['dir', 'chdir', 'workdir'],
      help: 'Where it runs; relative to the checkout, which is the default.',
    },
    {
      name: 'ignore-stdin',
      short: 'n',
      elsewhere: ['no-stdin', 'null'],
      help: 'Leaves standard input alone. For loops and scripts that read it themselves.',
    },
    { name: 'raw', help: 'Hands the bytes of a single process on as they are, without prefixes.' },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Runs a command once in the checkout of a commit, on every drone that `--drone` names, or on one that is picked at random, and waits for it. Prints each line that it writes as `[DRONE#ID] line`, standard output on standard output and standard error on standard error, and `(DRONE#ID exited)` at the end.',
    'Everything from `--` or from the first bare word on is the command, and is handed over untouched; no shell looks at it. A drone that lacks the commit gets it first.',
    'If a single drone is meant and standard input is not a terminal, it is forwarded. With `--raw` the output is bytes, so that files can go both ways. In a loop such as `while read`, that input is the rest of the loop: give `-n`, or `</dev/null`.',
    'Ctrl-C ends the processes, and so does the loss of the connection.',
  ],
  examples: [
    ['One command everywhere:', "fleet exec --drone='*' -- df -h"],
    ['Copy a directory to a drone:', 'tar c . | fleet exec --drone=web1 --cwd=/srv -- tar x'],
    ['And back:', 'fleet exec --raw --drone=web1 --cwd=/srv -- tar c . | tar x'],
    [
      'One drone after the other, in a loop:',
      'while read -r drone; do fleet exec -n --drone="$drone" -- uptime; done <drones.txt',
    ],
  ],
  exitStatus: [
    [
      'N',
      "The command's own status; 128 + the number of the signal that ended it; the first that is not 0 of several.",
    ],
    ['1', 'It could not be started, or the connection was lost.'],
    ['2', 'The command line is wrong, or names no hub.'],
  ],
  environment: [...CLIENT_ENVIRONMENT, ['NO_COLOR', 'Set, nothing is coloured.']],
  seeAlso: ['fleet-spawn(1)', 'fleet-deploy(1)'],
  run(args, io) {
    const command = commandOf(args, 'exec', execCommand.options, io);
    const forwards = !io.stdin.isTTY && !args.has('ignore-stdin');
    return withClient(args, io, async (client, target) => {
      const exec = await client.exec({
        ...runOptions(args, io, target, command),
        cwd: args.text('cwd'),
        // Nothing is mixed.
        single: args.has('raw'),
        ...(forwards ? { stdin: io.stdin } : {}),
      });
      endOnInterrupt(exec, io);
      noteAbsent(exec.absent, 'left out', io);
      for (const { drone, error } of exec.failed) note(io, `[${drone}] ${failureText(error, command)}`);
      const { exitStatus, showLines, showRaw } = await import('../exec-output.ts');
      const exits = args.has('raw') ? await showRaw(exec, io) : await showLines(exec, io);
      if (forwards && (io.stdin.bytesRead ?? 0) > 0 && io.sharesStdin()) note(io, SHARED);
      return exitStatus(exec.failed.length, exits);
    });
  },
};

/** Milliseconds that the word to the process may take before this command ends all the same. */
const TOLD_WITHIN = 500;

/** The process is told as Ctrl-C tells any; what does not heed that is ended when the connection goes. */
function endOnInterrupt(exec: Execution, io: OwnProcess): void {
  const die = () => io.dieOf('SIGINT');
  let asked = false;
  io.onSignal('SIGINT', () => {
    if (asked) return die();
    asked = true;
    setTimeout(die, TOLD_WITHIN);
    exec.kill('SIGINT').then(die, die);
  });
}
