import type { Underway } from '../client/app-types.ts';
import { stageOption } from '../protocol/app-names.ts';
import type { AppEvent } from '../protocol/apps.ts';
import { isGoodResult, ReleaseText } from '../protocol/release-text.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { visibleJson } from '../system/visible.ts';
import type { Arguments } from './arguments.ts';
import { type Io, note, say } from './io.ts';
import { Progress } from './progress.ts';

/** The exit status of a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** How a release has ended. */
interface Ending {
  state: string;
  why: string | null;
  lost: string[];
}

/**
 * Prints what happens to a release until it has ended: its result on standard output, all else on standard error. Returns
 * the exit status. Ctrl-C ends only the looking on.
 */
export async function follow(
  underway: Underway,
  args: Arguments,
  io: Io,
  isGood: (last: Ending) => boolean = isGoodResult,
): Promise<number> {
  const { release } = underway;
  const stage = stageOption(underway.app);
  if (args.has('detach')) {
    say(io, `v${release} begun; see: fleet status${stage}, or look on with: fleet up --attach${stage}`);
    return 0;
  }
  const stopped = new AbortController();
  io.onSignal('SIGINT', () => stopped.abort());
  const text = new ReleaseText();
  const progress = new Progress(io.stderr);
  const began = monotonicMs();
  const elapsed = () => `${((monotonicMs() - began) / 1000).toFixed(0)}s`;
  let last: Ending = { state: 'building', why: null, lost: [] };
  const ticking = setInterval(() => progress.show(`v${release} ${last.state}  ${elapsed()}`), 1000).unref();
  try {
    for await (const event of underway.events(stopped.signal)) {
      // A scale ends with what is live then, which may be another release than the one that was under way.
      if (event.type === 'release' && (event.release === release || event.state === 'scaled')) last = event;
      if (args.has('json')) io.stdout.write(`${visibleJson(event, timeAsText)}\n`);
      else print(event, text, progress, io);
    }
  } finally {
    clearInterval(ticking);
    progress.clear();
  }
  if (!stopped.signal.aborted) return isGood(last) && !(args.has('strict') && last.lost.length > 0) ? 0 : 1;
  note(io, `v${release} goes on; see: fleet status${stage}`);
  return INTERRUPTED;
}

function print(event: AppEvent, text: ReleaseText, progress: Progress, io: Io): void {
  for (const line of text.lines(event)) {
    progress.erase();
    if (line.isResult) say(io, line.text);
    else note(io, line.text);
  }
}

/** Times of events are milliseconds, and in what `--json` prints ISO 8601, as everywhere there. */
function timeAsText(key: string, value: unknown): unknown {
  return key === 'time' && typeof value === 'number' ? new Date(value).toISOString() : value;
}
