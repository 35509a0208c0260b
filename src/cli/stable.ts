import type { Client, NotStable } from '../client/types.ts';
import { FleetError } from '../protocol/errors.ts';
import { logText } from './commands/logs.ts';
import { endText } from './exit-text.ts';
import { note, type Output, type Surroundings } from './io.ts';
import { formatDuration, parseWait } from './quantity.ts';
import { screenOf } from './screen.ts';

/** How much of the log of a process is shown that did not stay. */
const LAST_LINES = 20;

/** Returns the milliseconds of `--stable`. Throws EUSAGE. */
export function parseStable(text: string): number {
  const ms = parseWait(text, 'stable');
  if (ms > 0) return ms;
  throw new FleetError('EUSAGE', `--stable=${text} is no time at all; write --stable=5s`);
}

/**
 * Waits until processes (`DRONE#ID`) have run for `ms`. Returns true if all have; for the others, it prints the last lines of
 * their logs, and why.
 */
export async function stayed(
  processes: string[],
  ms: number,
  client: Pick<Client, 'untilStable' | 'logs'>,
  io: Output & Surroundings,
): Promise<boolean> {
  if (processes.length === 0) return true;
  const failed = Object.entries(await client.untilStable(processes, ms));
  for (const [process, why] of failed) {
    await showLastLines(process, client, io);
    note(io, `fleet: ${process} ${whyText(why)} within ${formatDuration(ms)}${leftText(process, why)}`);
  }
  return failed.length === 0;
}

async function showLastLines(
  process: string,
  client: Pick<Client, 'logs'>,
  io: Output & Surroundings,
): Promise<void> {
  const screen = screenOf(io.stderr, io.env);
  for await (const item of client.logs({ ids: [process], lines: LAST_LINES }))
    if (item.kind !== 'problem' && item.kind !== 'absent' && item.kind !== 'unfinished')
      io.stderr.write(logText(item, screen));
}

function whyText(why: NotStable): string {
  if (why === 'stopped') return 'was stopped';
  return why === 'lost' ? 'was lost with its drone' : endText(why);
}

/** What becomes of it, and what to do about it. */
function leftText(process: string, why: NotStable): string {
  return typeof why === 'string' ? '' : `; it is started again until: fleet stop ${process}`;
}
