import type { DroneEvent, OutputPiece } from '../protocol/events.ts';
import { EVERYTHING } from '../protocol/interest.ts';
import { commandLine } from '../protocol/names.ts';
import { prefixLines } from '../system/lines.ts';
import type { Logs } from './logs/logs.ts';

/** Returns what `fleet drone` prints for an event; null for events that it does not print. */
export function eventLine(event: DroneEvent): string | null {
  const release = `${event.repo}.${event.commit}`;
  switch (event.type) {
    case 'deployed':
      return `(deployed ${event.repo}/${event.commit})`;
    case 'spawned':
      return `(spawned ${event.id}#${release} : ${commandLine(event.command)})`;
    case 'exited': {
      const { code, signal, error } = event;
      const status = `code ${code} from signal ${signal}`;
      const isKnown = code !== null || signal !== null;
      const how = error === undefined ? status : isKnown ? `${status}, ${error}` : error;
      return `(exited ${event.id}#${release} with ${how}: ${commandLine(event.command)})`;
    }
    case 'stopped':
      return null; // Its exit has been printed.
  }
}

/** Returns a piece of output with `[ID#REPO.COMMIT] ` before each line. */
function outputLines(piece: OutputPiece, body: Buffer): string {
  const prefix = `[${piece.id}#${piece.repo}.${piece.commit}] `;
  const dropped =
    piece.dropped > 0
      ? `${prefix}… ${piece.atLeast ? 'at least ' : ''}${piece.dropped} lines dropped …\n`
      : '';
  return `${dropped}${prefixLines(body.toString(), prefix)}`;
}

/**
 * Writes what all processes print to `output`, from where the previous drone stopped. `output` returns false when it is
 * full; it is then called with an empty string until there is room again.
 */
export function showOutput(logs: Logs, output: (lines: string) => boolean): void {
  let hasRoom = true;
  const console = logs.stream({
    hasRoom: () => {
      hasRoom ||= output('');
      return hasRoom;
    },
    emit: (piece, body) => {
      // Marks are printed as events.
      if (body.length > 0) hasRoom = output(outputLines(piece, body));
    },
  });
  logs.setInterest(console, EVERYTHING, true);
}
