import type { DroneEvent, OutputPiece } from '../protocol/events.ts';
import { EVERYTHING } from '../protocol/interest.ts';
import { MAX_LINE_BYTES, MAX_PIECE_BYTES } from '../protocol/limits.ts';
import { commandLine } from '../protocol/names.ts';
import { LineBuffer, prefixLines } from '../system/lines.ts';
import type { Logs } from './logs/logs.ts';

/** A piece ends up to so many bytes earlier in order not to split a character. */
const CHARACTER_BYTES = 4;

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

/** Joins the parts of lines that are too long for one piece. */
class LongLines {
  private readonly begun = new Map<string, LineBuffer>();

  /** Returns the lines that a piece completes, and parts of a line that gets too long; empty if there are none. */
  join({ id, dropped }: OutputPiece, body: Buffer): Buffer {
    const begun = (dropped === 0 && this.begun.get(id)) || new LineBuffer();
    this.begun.delete(id);
    const whole = begun.push(body);
    // A shorter piece that has no end is the last one of its process.
    const waits = body.length > MAX_PIECE_BYTES - CHARACTER_BYTES && begun.length < MAX_LINE_BYTES;
    if (!waits) return Buffer.concat([whole, begun.end()]);
    this.begun.set(id, begun);
    return whole;
  }
}

/** Returns a piece of output with `[ID#REPO.COMMIT] ` before each line. */
function outputLines(piece: OutputPiece, body: Buffer): string {
  const prefix = `[${piece.id}#${piece.repo}.${piece.commit}] `;
  const dropped =
    piece.dropped > 0
      ? `${prefix}… ${piece.atLeast ? 'at least ' : ''}${piece.dropped} lines dropped …\n`
      : '';
  return `${dropped}${body.length === 0 ? '' : prefixLines(body.toString(), prefix)}`;
}

/**
 * Writes what all processes print to `output`, from where the previous drone stopped. `output` returns false when it is
 * full; it is then called with an empty string until there is room again.
 */
export function showOutput(logs: Logs, output: (lines: string) => boolean): void {
  let hasRoom = true;
  const lines = new LongLines();
  const console = logs.stream({
    hasRoom: () => {
      hasRoom ||= output('');
      return hasRoom;
    },
    emit: (piece, body) => {
      // Marks are printed as events.
      if (body.length > 0) hasRoom = output(outputLines(piece, lines.join(piece, body)));
    },
  });
  logs.setInterest(console, EVERYTHING, true);
}
