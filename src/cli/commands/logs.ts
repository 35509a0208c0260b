import type { LogItem, LogsOptions } from '../../client/types.ts';
import { FleetError } from '../../protocol/errors.ts';
import { visibleJson } from '../../system/visible.ts';
import { noteAbsent } from '../absent.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { endText, markLine } from '../exit-text.ts';
import { checkIds } from '../ids.ts';
import { note, type Output, type Surroundings } from '../io.ts';
import type { LiveLines } from '../live-lines.ts';
import {
  CLIENT_ENVIRONMENT,
  CLIENT_OPTIONS,
  DRONE_OPTION,
  FILTER_OPTIONS,
  NO_COLOR,
  OF_SERVICE_OPTIONS,
} from '../options.ts';
import { droppedLines, parseCount, parseDuration } from '../quantity.ts';
import { parseRelease } from '../release-number.ts';
import { colourOf, type Screen, screenOf } from '../screen.ts';
import { commitFilter, serviceOf } from '../selection.ts';

const DEFAULT_LINES = 100;

export const logsCommand: Command = {
  name: 'logs',
  summary: 'Show what processes have printed.',
  synopsis: [
    '[-f] [-n LINES] [--since=TIME] [--grep=REGEX] [--timestamps] [--json] [--service=NAME] [--as=STAGE] [--release=vN] [--repo=NAME] [--commit=REV] [--drone=NAME]... [+REMOTE] [[pid#]ID...]',
  ],
  operands: 'words',
  completes: 'ids',
  options: [
    {
      name: 'lines',
      short: 'n',
      elsewhere: ['tail', 'num'],
      value: 'LINES',
      help: 'How many of the newest lines to print, or `all`. The default is 100, or `all` with `--since`.',
    },
    {
      name: 'follow',
      short: 'f',
      help: 'Keeps printing new lines until Ctrl-C, also after a restart of the process, the drone or the hub.',
    },
    { name: 'since', value: 'TIME', help: 'Only lines of the last `90s`, `10m`, `2h` or `1d`.' },
    { name: 'grep', value: 'REGEX', help: "Only lines that match. `'/regex/i'` ignores case." },
    { name: 'timestamps', help: 'Prints the time before each line.' },
    {
      name: 'json',
      help: 'Prints an object for each line: `{"time", "drone", "id", "line"}`, `{"drone", "id", "dropped"}`, or `{"time", "drone", "id", "event"}` with the event `exited` (and its `code`, `signal` and, if it did not start, `error`) or `restarted`.',
    },
    ...FILTER_OPTIONS,
    ...OF_SERVICE_OPTIONS,
    {
      name: 'release',
      value: 'vN',
      completes: 'releases',
      help: 'Only what is of this release of the app: its build, its command and its instances, also those that were stopped.',
    },
    { ...DRONE_OPTION, help: `Only processes on these drones. ${DRONE_OPTION.help}` },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints what processes have written to standard output and standard error, as `[DRONE#ID] line`. The logs of all drones are merged in order of time. Without ids or filters, it prints the logs of all processes.',
    'When a process has ended or was started again, there is a line such as `(DRONE#ID exited 7)`, `(DRONE#ID exited SIGKILL)` or `(DRONE#ID restarted)`. It is none of its lines: `--lines` does not count it, and `--grep` leaves it out.',
    "Logs are kept on the drones' disks, whether or not anyone watches: after a crash too, and for an hour after a process was stopped. What is of a release is kept for 7 days, each log within `--log-max`; after the first hour it is printed with `--release` or by its id.",
    'The newest part of each log is kept; see `--log-max` of fleet-drone(1). If requested lines are gone, it says so: `… 1,204 lines older than this were dropped …`, or `at least 1,204` if they came faster than they could be counted.',
    'An unfinished last line, such as a prompt, is printed if it is 200 ms old. With `--follow`, its rest follows it when it comes, on a line of its own if something else was printed meanwhile; with `--json` or `--grep`, the line is then printed when it is finished. A line of more than 4 MiB is printed in parts.',
    'Output goes through a pipe to the log, copied by two small processes, `sh` and `cat`, that outlive the drone: programs may open `/dev/stderr` and `/dev/stdout`. If both are killed while no drone runs, the process waits once the pipe is full. A Node program that calls `process.exit()` loses what it has not written yet, if it prints more at once than a pipe holds: 1 MiB if the drone runs as root, 256 KiB otherwise, or 64 without perl on the drone. Set `process.exitCode` instead, and let it end by itself; or, at its start, call `process.stdout._handle?.setBlocking?.(true)`, with which it waits for its output.',
    'A program decides by itself when it writes. Many buffer what does not go to a terminal, and their lines come late: run Python with `--env.PYTHONUNBUFFERED=1`, and others under `stdbuf -oL`.',
  ],
  examples: [
    ['Why did it crash?', 'fleet logs 1e99f4'],
    ['What the processes of a repository print from now on:', 'fleet logs -f -n 0 --repo=webapp'],
    ['Why did that release fail?', 'fleet logs --release=v42'],
    ['Errors of the last ten minutes:', "fleet logs --since=10m --grep='/error/i' --timestamps"],
  ],
  environment: [...CLIENT_ENVIRONMENT, NO_COLOR],
  seeAlso: ['fleet-monitor(1)', 'fleet-ps(1)', 'fleet-drone(1)'],
  async run(args, io) {
    const options = await logsOptions(args, io, Date.now());
    return withClient(args, io, async (client, target) => {
      await checkIds('logs', args.words, client);
      const service = await serviceOf(args, target, io);
      return show(client.logs({ ...options, ...service }), args, io);
    });
  },
};

/** Returns the options for the client. Throws EUSAGE, ENOCOMMIT. */
async function logsOptions(args: Arguments, where: Surroundings, now: number): Promise<LogsOptions> {
  const since = args.text('since');
  const lines = args.text('lines') ?? (since === undefined ? `${DEFAULT_LINES}` : 'all');
  return {
    ids: args.words,
    commit: await commitFilter(args.text('commit'), where),
    drones: args.list('drone'),
    lines: lines === 'all' ? undefined : parseCount(lines, 'lines'),
    since: since === undefined ? undefined : now - parseDuration(since, 'since'),
    release: parseRelease(args.text('release')),
    follow: args.has('follow'),
    grep: parsePattern(args.text('grep')),
  };
}

/** Parses a regular expression, with or without `/…/flags`. Throws EUSAGE. */
export function parsePattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  const [, source = text, flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  try {
    return new RegExp(source, flags.replace(/[gy]/g, ''));
  } catch (cause) {
    const why = (cause as Error).message.replace(/^Invalid regular expression: /, '');
    throw new FleetError('EUSAGE', `--grep=${text} is not a regular expression: ${why}`, { cause });
  }
}

async function show(
  items: AsyncIterable<LogItem>,
  args: Arguments,
  io: Output & Surroundings,
): Promise<number> {
  const [{ LiveLines }, { Printer }, { unblock }] = await Promise.all([
    import('../live-lines.ts'),
    import('../printer.ts'),
    import('../unblocked.ts'),
  ]);
  const printer = new Printer(io.stdout);
  unblock(io);
  const live = new LiveLines();
  const screen = screenOf(io.stdout, io.env);
  const plainText = args.has('timestamps') ? timedText : logText;
  const text = args.has('json')
    ? (item: Shown) => (item.kind === 'unfinished' ? '' : jsonText(item))
    : (item: Shown) => liveText(item, screen, live, plainText);
  let status = 0;
  for await (const item of items) {
    if (item.kind === 'problem' || item.kind === 'absent') await printer.finish(live.close());
    if (item.kind === 'problem') {
      note(io, `[${item.drone}] ${item.message}`);
      status = 1;
    } else if (item.kind === 'absent') {
      noteAbsent({ [item.drone]: item.lost }, 'its logs are not among these', io);
    } else await printer.print(text(item));
  }
  await printer.flush();
  return status;
}

type Shown = Exclude<LogItem, { kind: 'problem' | 'absent' }>;
type Whole = Exclude<Shown, { kind: 'unfinished' }>;

/** Returns what to print for an item. `live` has what was printed before it. */
function liveText(item: Shown, screen: Screen, live: LiveLines, text: typeof logText): string {
  if (item.kind !== 'line' && item.kind !== 'unfinished') return `${live.close()}${text(item, screen)}`;
  const { drone, id, time } = item;
  const prefix = text({ kind: 'line', drone, id, time, line: '' }, screen).slice(0, -1);
  const source = { key: `${drone}#${id}`, prefix, safe: screen.safe };
  return item.kind === 'line' ? live.lines(source, [item.line]) : live.more(source, item.text);
}

/** Returns an item as text, with a newline at its end. */
export function logText(item: Whole, { paint, safe, safeLine }: Screen): string {
  if (item.kind === 'restarted') return `${paint('dim', markLine(item, 'restarted'))}\n`;
  if (item.kind === 'exited') return `${paint('dim', safeLine(markLine(item, endText(item))))}\n`;
  const prefix = paint(colourOf(item.drone), `[${item.drone}#${item.id}]`);
  if (item.kind === 'dropped') {
    return `${prefix} … ${droppedLines(item)} older than this ${item.lines === 1 ? 'was' : 'were'} dropped …\n`;
  }
  return `${prefix} ${safe(item.line)}\n`;
}

/** The same, with its time before it, if it has one. */
export function timedText(item: Whole, screen: Screen): string {
  const time = 'time' in item ? `${screen.paint('dim', new Date(item.time).toISOString())} ` : '';
  return `${time}${logText(item, screen)}`;
}

export function jsonText(item: Whole): string {
  return `${visibleJson(jsonOf(item))}\n`;
}

function jsonOf({ drone, id, ...item }: Whole): object {
  if (item.kind === 'dropped')
    return { drone, id, dropped: item.lines, ...(item.atLeast ? { atLeast: true } : {}) };
  const entry = { time: new Date(item.time).toISOString(), drone, id };
  if (item.kind === 'line') return { ...entry, line: item.line };
  if (item.kind === 'restarted') return { ...entry, event: item.kind };
  const { code, signal, error } = item;
  return { ...entry, event: item.kind, code, signal, ...(error !== undefined && { error }) };
}
