import type { MonitorItem } from '../client/types.ts';
import type { HubEvent } from '../protocol/events.ts';
import { commandLine } from '../protocol/names.ts';
import { endText, markLine } from './exit-text.ts';
import type { LiveLines } from './live-lines.ts';
import { counted, droppedLines } from './quantity.ts';
import { colourOf, type Screen } from './screen.ts';

/** Returns what to print for an item; empty for an event that is not shown. `live` has what was printed before it. */
export function monitorText(
  item: Exclude<MonitorItem, { kind: 'connection' }>,
  screen: Screen,
  live: LiveLines,
): string {
  if (item.kind === 'lines' || item.kind === 'unfinished') {
    const { drone, id } = item;
    const prefix = `${screen.paint(colourOf(drone), `[${drone}#${id}]`)} `;
    const source = { key: `${drone}#${id}`, prefix, safe: screen.safe };
    return item.kind === 'lines' ? live.lines(source, item.lines) : live.more(source, item.text);
  }
  const text = newsText(item, screen);
  return text === '' ? '' : `${live.close()}${text}`;
}

type News = Exclude<MonitorItem, { kind: 'connection' | 'lines' | 'unfinished' }>;

function newsText(item: News, screen: Screen): string {
  if (item.kind === 'event') {
    return eventLines(item.event)
      .map((line) => `${screen.safeLine(line)}\n`)
      .join('');
  }
  if (item.kind === 'missed')
    return item.events === null
      ? '… events may have been missed …\n'
      : `… ${counted(item.events, 'event')} missed …\n`;
  return `… ${droppedLines(item)} dropped …\n`;
}

/** Returns the line of an event, and one with what it does not say: how a process ended, or that it was restarted. */
function eventLines(event: HubEvent): string[] {
  switch (event.type) {
    case 'deployed':
      return [`(deployed ${event.drone}#${event.repo}/${event.commit})`];
    case 'spawned':
      return [processLine(event), ...((event.restarts ?? 0) > 0 ? [markLine(event, 'restarted')] : [])];
    case 'exited':
      return [processLine(event), ...(isNews(event) ? [markLine(event, endText(event))] : [])];
    case 'stopped':
      return [processLine(event)];
    default:
      return [];
  }
}

/** An end that was asked for, or with status 0 and nothing to say about it, is as it should be. */
function isNews({ code, error, asked }: Extract<HubEvent, { type: 'exited' }>): boolean {
  return (code !== 0 || error !== undefined) && asked !== true;
}

function processLine({ type, drone, id, command }: Extract<HubEvent, { id: string; command: string[] }>) {
  return `(${type} ${drone}#${id} : ${commandLine(command)})`;
}
