import type { MonitorItem } from '../client/types.ts';
import type { HubEvent } from '../protocol/events.ts';
import { commandLine } from '../protocol/names.ts';
import { counted } from './quantity.ts';
import { colourOf, type Paint, visible, visibleLine } from './text.ts';

/**
 * What an item looks like, with a newline at its end; empty for events that are not shown. For a terminal it is made
 * safe, and painted.
 */
export function monitorText(
  item: Exclude<MonitorItem, { kind: 'connection' }>,
  paint: Paint,
  terminal: boolean,
): string {
  if (item.kind === 'event') {
    const text = eventText(item.event);
    return text === '' ? '' : `${terminal ? visibleLine(text) : text}\n`;
  }
  if (item.kind === 'missed') return `… ${counted(item.events, 'event')} missed …\n`;
  if (item.kind === 'dropped') return `… ${counted(item.lines, 'line')} dropped …\n`;
  const { drone, id, lines } = item;
  const prefix = `${paint(colourOf(id), `[${drone}#${id}]`)} `;
  const text = lines.join(`\n`);
  return `${prefix}${(terminal ? visible(text) : text).replaceAll('\n', `\n${prefix}`)}\n`;
}

function eventText(event: HubEvent): string {
  switch (event.type) {
    case 'deployed':
      return `(deployed ${event.drone}#${event.repo}/${event.commit})`;
    case 'spawned':
    case 'exited':
    case 'stopped':
      return `(${event.type} ${event.drone}#${event.id} : ${commandLine(event.command)})`;
    default:
      return '';
  }
}
