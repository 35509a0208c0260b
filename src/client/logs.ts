import type { Link } from './link.ts';
import { LogCursor } from './log-cursor.ts';
import { follow } from './log-follow.ts';
import { demandFound, listMatching } from './log-select.ts';
import { isEntry, newest } from './log-tail.ts';
import type { LogItem } from './log-types.ts';
import { namesForLabels, selectDrones } from './select.ts';
import type { LogsOptions } from './types.ts';

/**
 * Yields the lines of all matching logs in order of time; with `follow`, goes on with what comes. Throws ENODRONE or
 * ENOPROCESS if nothing matches.
 */
export async function* logs(link: Link, given: LogsOptions): AsyncGenerator<LogItem, void> {
  const options = await withNames(link, given);
  const following = options.follow ? await follow(link, options) : null;
  const matching = await listMatching(link, options);
  demandFound(options, matching);
  const { logs: found, problems } = matching;
  yield* problems;
  const first = firstPlace(options);
  const unfinished = following ? 'waits' : 'line';
  const cursors = found.map(({ drone, info }) => new LogCursor(link, drone, info, first, unfinished));
  // The past ends where each log ended at the request: a process may write as fast as we read.
  const ends = new Map(found.map(({ info }, at) => [cursors[at], info.end]));
  const past = filtered(
    merge(cursors, (cursor) => ends.get(cursor) ?? 0),
    options,
  );
  yield* options.lines === undefined ? past : newest(past, options.lines);
  if (following) yield* filtered(following(cursors), options);
}

/** Returns the options with names in place of labels. Throws ENODRONE if a selector matches no drone. */
async function withNames(link: Link, options: LogsOptions): Promise<LogsOptions> {
  if (!options.drones?.length) return options;
  const { drones } = (await link.call('drones', {})).result;
  selectDrones(options.drones, drones);
  return { ...options, drones: namesForLabels(options.drones, drones) };
}

function firstPlace({ lines, since, grep }: LogsOptions): LogCursor['first'] {
  if (since !== undefined) return { kind: 'since', time: since };
  if (lines !== undefined && !grep) return { kind: 'tail', lines };
  return { kind: 'offset', offset: 0 };
}

/** Yields what is asked for. An unfinished line may match when it is finished. What happened to a process is no line, and matches no expression. */
async function* filtered(
  items: AsyncIterable<LogItem>,
  { grep, since = 0 }: LogsOptions,
): AsyncGenerator<LogItem, void> {
  const isWanted = (item: LogItem) => {
    if (item.kind === 'line') return !grep || grep.test(item.line);
    if (item.kind === 'unfinished') return !grep;
    return isEntry(item) ? !grep && item.time >= since : true;
  };
  for await (const item of items) if (isWanted(item)) yield item;
}

/** Merges logs into one stream in order of time, with no more than a page of each in memory. */
async function* merge(
  cursors: LogCursor[],
  endOf: (cursor: LogCursor) => number,
): AsyncGenerator<LogItem, void> {
  const heads = await Promise.all(
    cursors.map(async (cursor) => ({ cursor, page: await nextPage(cursor), at: 0 })),
  );
  let open = heads.filter(({ page }) => page.length > 0);
  while (open.length > 0) {
    const first = open.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a));
    const rest = open.filter((head) => head !== first).map(timeOf);
    const until = Math.min(...rest, Number.POSITIVE_INFINITY);
    do {
      const item = first.page[first.at++];
      if (item) yield item;
    } while (first.at < first.page.length && timeOf(first) <= until);
    if (first.at < first.page.length) continue;
    const ended = first.cursor.isStuck || (first.cursor.offset ?? 0) >= endOf(first.cursor);
    first.page = ended ? [] : await nextPage(first.cursor);
    first.at = 0;
    if (first.page.length === 0) open = open.filter((head) => head !== first);
  }
}

/** Reads the next page. A log that cannot be read, as one that vanished since it was listed, is a problem, and ends with it. */
async function nextPage(cursor: LogCursor): Promise<LogItem[]> {
  try {
    return await cursor.next();
  } catch (error) {
    cursor.isStuck = true;
    const message = error instanceof Error ? error.message : String(error);
    return cursor.offset === undefined ? [{ kind: 'problem', drone: cursor.drone, message }] : [];
  }
}

function timeOf({ page, at }: { page: LogItem[]; at: number }): number {
  const item = page[at];
  return item && isEntry(item) ? item.time : 0;
}
