import type { MonitorItem } from '../client/types.ts';
import type { HubEvent } from '../protocol/events.ts';
import { commandLine } from '../protocol/names.ts';
import { counted, droppedLines } from './quantity.ts';
import { colourOf, type Screen } from './screen.ts';

/** Returns an item as text, with a newline at its end; empty for an event that is not shown. */
export function monitorText(item: Exclude<MonitorItem, { kind: 'connection' }>, screen: Screen): string {
  if (item.kind === 'event') {
    const text = eventText(item.event);
    return text === ''
      ? ''
      : `${screen.safeLine(text)}
`;
  }
  if (item.kind === 'missed')
    return `… ${counted(item.events, 'event')} missed …
`;
  if (item.kind === 'dropped') return `… ${droppedLines(item)} dropped …\n`;
  const { drone, id, lines } = item;
  const prefix = `${screen.paint(colourOf(drone), `[${drone}#${id}]`)} `;
  return `${prefix}${screen.safe(lines.join('\n')).replaceAll('\n', `\n${prefix}`)}\n`;
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
